using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Scheduling.Requests;

/// <summary>A request as the scheduler sees it. The prompt is a slice of the body and is read, never kept, by plugins.</summary>
public sealed class InferenceRequest
{
    // The estimate of llm-d's picker for prompts whose tokens nobody has counted.
    private const int BytesPerToken = 4;

    private static readonly byte[][] s_mediaParts = [.. MediaParts()];

    private int? _promptTokens;

    public required string RequestId { get; init; }

    /// <summary>The model asked for; empty when the request names none.</summary>
    public string Model { get; init; } = "";

    /// <summary>The raw JSON of prompt, messages or input; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Prompt { get; init; }

    public PromptKind PromptKind { get; init; }

    /// <summary>The raw JSON members besides the messages that decide what a chat template renders, such as <c>"tools":[...]</c>.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> TemplateMembers { get; init; } = [];

    public string? CacheSalt { get; init; }

    /// <summary>Looks up a request header by its name in lower case.</summary>
    public Func<string, string?> Header { get; init; } = static _ => null;

    /// <summary>Tokens of the prompt: counted for token ids, else about one per four bytes.</summary>
    public int PromptTokens => _promptTokens ??= PromptKind == PromptKind.TokenIds ? CountIds() : (Prompt.Length + BytesPerToken - 1) / BytesPerToken;

    /// <summary>Whether a message holds an image, video or audio part.</summary>
    public bool IsMultimodal()
    {
        if (PromptKind != PromptKind.Messages)
        {
            return false;
        }

        // A quote inside of text is escaped, so the quoted name can only be a JSON string of its own.
        foreach (var part in s_mediaParts)
        {
            if (Prompt.Span.IndexOf(part) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    private int CountIds() => Prompt.Span.Count((byte)',') + 1;

    private static IEnumerable<byte[]> MediaParts() =>
        ["\"image_url\""u8.ToArray(), "\"video_url\""u8.ToArray(), "\"audio_url\""u8.ToArray(), "\"input_audio\""u8.ToArray()];
}
