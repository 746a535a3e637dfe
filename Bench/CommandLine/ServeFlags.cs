namespace LlmdAspire.Bench.CommandLine;

/// <summary>Flags of <c>bench serve</c>.</summary>
internal sealed class ServeFlags() : LoadFlags("serve", "Sends requests to an OpenAI-compatible server and tells how fast its answers come, as vllm bench serve does.");
