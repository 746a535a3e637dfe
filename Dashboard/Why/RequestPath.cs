using System.Globalization;
using LlmdAspire.Dashboard.Page;
using LlmdAspire.Dashboard.Sources;

namespace LlmdAspire.Dashboard.Why;

/// <summary>Puts a request's path together from what each service says of it. Pure.</summary>
/// <remarks>
/// While a request runs there is no row yet: the picker's decision is there as soon as it is made, and the Router's explanation as soon as the
/// decode leg begins, which is how far along it is.
/// </remarks>
internal static class RequestPath
{
    public static IReadOnlyList<PathStep> Of(RequestRow? row, PickerDecision? decision, Explanation? explanation, EngineNames names)
    {
        if (row is null && decision is null && explanation is null)
        {
            return [];
        }

        PathStep?[] steps =
        [
            Router(row, decision, explanation),
            decision is null ? null : Picker(decision),
            decision is null ? null : Indexer(decision.Prefix),
            Prefill(row, decision, explanation, names),
            Decode(row, decision, explanation, names),
        ];
        return [.. steps.OfType<PathStep>()];
    }

    private static PathStep Router(RequestRow? row, PickerDecision? decision, Explanation? explanation)
    {
        var tries = row?.Attempts > 1 ? $"{row.Attempts} tries" : null;
        var policy = decision is null && explanation?.Policy is { } name ? $"policy {name}" : null;
        return row is null
            ? new PathStep("router", null, null, "running", null, policy)
            : new PathStep("router", null, null, IsFailed(row) ? "failed" : "done", row.DurationMs, Join($"answered {row.Status}", tries, policy, row.Error));
    }

    private static PathStep Picker(PickerDecision decision)
    {
        var candidates = decision.Deciding?.Candidates.Count(candidate => candidate.Eligible);
        return new PathStep(
            "picker", null, null, decision.Endpoint is null ? "failed" : "done", decision.DurationUs / 1000,
            candidates switch { null => null, 1 => "one candidate", _ => $"{candidates} candidates for decode" });
    }

    private static PathStep? Indexer(PrefixKnowledge prefix) => prefix switch
    {
        { IsPrecise: true } => new PathStep("indexer", null, null, "done", prefix.LookupUs / 1000, "knows what is cached"),
        { Fallback: null or "unconfigured" } => null,
        { Fallback: "timeout" } => new PathStep("indexer", null, null, "late", null, "no answer in time, so the picker guessed"),
        { Fallback: var reason } => new PathStep("indexer", null, null, "failed", null, $"{reason}, so the picker guessed"),
    };

    private static PathStep? Prefill(RequestRow? row, PickerDecision? decision, Explanation? explanation, EngineNames names)
    {
        var endpoint = row?.PrefillEndpoint ?? decision?.PrefillEndpoint ?? explanation?.PrefillEndpoint;
        if (endpoint is null)
        {
            return decision?.Prefill.Verdict is "skipped" or "no_endpoint"
                ? new PathStep("prefill", null, null, "skipped", null, decision.Prefill.Verdict == "skipped" ? "the decode engine computes the prompt" : "no prefill engine was left")
                : null;
        }

        var state = row is { PrefillEndpoint: null } ? "failed" : row is not null || explanation is not null ? "done" : "running";
        return new PathStep("prefill", endpoint, names.Of(endpoint), state, row?.PrefillMs, state == "failed" ? "did not compute it" : Cached(row, decision));
    }

    private static PathStep? Decode(RequestRow? row, PickerDecision? decision, Explanation? explanation, EngineNames names)
    {
        if ((row?.Endpoint ?? explanation?.Endpoint ?? decision?.Endpoint) is not { } endpoint)
        {
            return null;
        }

        var separate = row is null ? decision?.PrefillEndpoint is not null : row.PrefillEndpoint is not null;
        var state = row is not null ? IsFailed(row) ? "failed" : "done" : explanation is null && separate ? "waiting" : "running";
        var note = row is null ? null : Join(
            row.TtfbMs is { } first ? $"first byte after {Show.Milliseconds(first)}" : null,
            row.CompletionTokens is { } tokens ? $"{Number(tokens)} tokens" : null,
            separate ? null : Cached(row, decision));
        return new PathStep("decode", endpoint, names.Of(endpoint), state, Rest(row, decision), note);
    }

    // What is left of the whole when the stations before are taken off.
    private static double? Rest(RequestRow? row, PickerDecision? decision) => row?.DurationMs is { } all
        ? Math.Max(0, all - (row.PrefillMs ?? 0) - ((decision?.DurationUs ?? 0) / 1000))
        : null;

    private static string? Cached(RequestRow? row, PickerDecision? decision)
    {
        var expected = decision is null ? null : RequestWhy.ExpectedTokens(decision);
        return (row?.CachedTokens, expected) switch
        {
            (null, null) => null,
            (null, 0) => "nothing expected in the cache",
            (null, { } soon) => $"{Number(soon)} tokens expected in the cache",
            ({ } now, null) => $"{Number(now)} tokens cached",
            ({ } now, { } soon) when now == soon => $"{Number(now)} tokens cached, as expected",
            ({ } now, { } soon) => $"{Number(now)} tokens cached, {Number(soon)} expected",
        };
    }

    private static bool IsFailed(RequestRow row) => row.Status >= 400 || row.Error is not null;

    private static string? Join(params IEnumerable<string?> parts) => string.Join(" · ", parts.OfType<string>()) is { Length: > 0 } text ? text : null;

    private static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
