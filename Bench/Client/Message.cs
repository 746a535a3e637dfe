namespace LlmdAspire.Bench.Client;

/// <summary>Something said in a conversation, UTF-8.</summary>
internal readonly record struct Message(bool IsFromUser, ReadOnlyMemory<byte> Text);
