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
            Whole(json.Number("status")) is > 0 and var status ? status : null,
            json.Text("endpoint") is { Length: > 0 } endpoint ? endpoint : null,
            Whole(json.Number("attempts")),
            json.Number("duration_ms"),
            json.Number("ttfb_ms"),
            Whole(json.Number("prompt_tokens")),
            Whole(json.Number("completion_tokens")),
            Whole(json.Number("cached_tokens")),
            json.Text("error"))
        : null;

    private static int? Whole(double? number) => number is >= 0 and < int.MaxValue ? (int)number : null;
}
