using System.Text.Json;

namespace LlmdAspire.Dashboard.Sources;

/// <summary>A request that went through the Router lately, as its <c>GET /requests</c> tells.</summary>
/// <param name="Status">HTTP status; null while it runs.</param>
/// <param name="Endpoint">The engine that served it; null when none did.</param>
/// <param name="Error">The Router's short name for what went wrong; null when nothing did.</param>
public sealed record RequestRow(
    string RequestId,
    DateTimeOffset? Time,
    string? Method,
    string? Path,
    string? Model,
    bool Stream,
    int? Status,
    string? Endpoint,
    int? Attempts,
    double? DurationMs,
    double? TtfbMs,
    int? PromptTokens,
    int? CompletionTokens,
    int? CachedTokens,
    string? Error)
{
    /// <summary>Who computed the prompt; null when <see cref="Endpoint"/> did.</summary>
    public string? PrefillEndpoint { get; init; }

    /// <summary>How long that took.</summary>
    public double? PrefillMs { get; init; }

    /// <summary>How many tokens of the prompt the picker expected in the cache of the engine that computed it; null when it did not say.</summary>
    public int? ExpectedCachedTokens { get; init; }

    /// <summary>Why it went there, in one sentence; null when the picker does not tell.</summary>
    public string? Why { get; init; }

    public const int MaxCount = 50;

    /// <summary>Reads the answer of <c>GET /requests</c>, newest first; entries without an id are skipped.</summary>
    public static IReadOnlyList<RequestRow> ReadList(JsonElement json) =>
        [.. json.Elements("requests").Select(Read).OfType<RequestRow>().DistinctBy(row => row.RequestId).Take(MaxCount)];

    private static RequestRow? Read(JsonElement json) => json.Text("request_id") is { Length: > 0 } id
        ? new RequestRow(
            id,
            json.Time("time"),
            json.Text("method"),
            json.Text("path"),
            json.Text("model"),
            json.Truth("stream") ?? false,
            json.Whole("status") is > 0 and var status ? status : null,
            json.Text("endpoint") is { Length: > 0 } endpoint ? endpoint : null,
            json.Whole("attempts"),
            json.Number("duration_ms"),
            json.Number("ttfb_ms"),
            json.Whole("prompt_tokens"),
            json.Whole("completion_tokens"),
            json.Whole("cached_tokens"),
            json.Text("error"))
        {
            PrefillEndpoint = json.Text("prefill_endpoint") is { Length: > 0 } prefill ? prefill : null,
            PrefillMs = json.Number("prefill_ms"),
        }
        : null;
}
