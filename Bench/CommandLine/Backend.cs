namespace LlmdAspire.Bench.CommandLine;

/// <summary>Names of <c>--backend</c>.</summary>
internal static class Backend
{
    public const string Chat = "openai-chat";
    public const string Default = "openai";

    public const string CompletionsEndpoint = "/v1/completions";
    public const string ChatEndpoint = "/v1/chat/completions";

    public static IReadOnlyList<string> All { get; } = ["vllm", Default, Chat];

    public static string EndpointOf(string backend) => backend == Chat ? ChatEndpoint : CompletionsEndpoint;
}
