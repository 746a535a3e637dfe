namespace LlmdAspire.Router.Requests;

/// <summary>One finished request as <c>GET /requests</c> shows it: everything but the text.</summary>
internal sealed record RequestRecord
{
    public required string RequestId { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required string Method { get; init; }

    public required string Path { get; init; }

    public string? Model { get; init; }

    public bool Stream { get; init; }

    public int Status { get; init; }

    public string? Endpoint { get; init; }

    /// <summary>Who computed the prompt; null when that was <see cref="Endpoint"/>.</summary>
    public string? PrefillEndpoint { get; init; }

    /// <summary>How long it took for that; null when <see cref="Endpoint"/> did.</summary>
    public double? PrefillMs { get; init; }

    public int Attempts { get; init; }

    public double DurationMs { get; init; }

    public double? TtfbMs { get; init; }

    public long? PromptTokens { get; init; }

    public long? CompletionTokens { get; init; }

    public long? CachedTokens { get; init; }

    /// <summary>What went wrong; null when nothing did.</summary>
    public string? Error { get; init; }
}
