using System.Text.Json;

namespace LlmdAspire.Dashboard.Sources;

/// <summary>Why the endpoint picker chose as it did, as its <c>GET /debug/decisions</c> tells.</summary>
/// <param name="Outcome"><c>chosen</c>, <c>no_endpoints</c> or <c>drained</c>.</param>
/// <param name="DurationUs">From the end of the request's body to the decision, in microseconds.</param>
public sealed record PickerDecision(
    string RequestId,
    string? Model,
    string? Outcome,
    string? Endpoint,
    string? PrefillEndpoint,
    PrefixKnowledge Prefix,
    PrefillVerdict Prefill,
    IReadOnlyList<ProfileScores> Profiles,
    double? DurationUs,
    string? TraceId)
{
    private const int MaxProfiles = 8;

    /// <summary>Reads the answer, newest first; entries without a request id are skipped.</summary>
    public static IReadOnlyList<PickerDecision> ReadList(JsonElement json) =>
        [.. json.Elements("decisions").Select(Read).OfType<PickerDecision>().Take(RequestRow.MaxCount)];

    /// <summary>The scores of the profile that chose <see cref="Endpoint"/>; null when none did.</summary>
    internal ProfileScores? Deciding => Profiles.FirstOrDefault(profile => profile.Endpoint is not null && profile.Endpoint == Endpoint);

    private static PickerDecision? Read(JsonElement json) => json.Text("request_id") is { Length: > 0 } id
        ? new PickerDecision(
            id,
            json.Text("model"),
            json.Text("outcome"),
            json.Text("endpoint"),
            json.Text("prefill_endpoint"),
            PrefixKnowledge.Read(json.Field("prefix") ?? default),
            PrefillVerdict.Read(json.Field("prefill") ?? default),
            [.. json.Elements("profiles").Where(profile => profile.ValueKind == JsonValueKind.Object).Select(ProfileScores.Read).Take(MaxProfiles)],
            json.Number("duration_us"),
            json.Text("trace_id"))
        : null;
}

/// <summary>What the picker knew about the prompt's beginning.</summary>
/// <param name="Source"><c>indexer</c>: known from the engines' own events; <c>approximate</c>: guessed from what was sent where; <c>none</c>.</param>
/// <param name="Fallback">Why the indexer was not the source although it should have been; null otherwise.</param>
/// <param name="Tokens">Of the whole prompt; an estimate where the source is approximate and the prompt is text.</param>
public sealed record PrefixKnowledge(string Source, string? Fallback, int? BlockSize, int? Tokens, double? LookupUs)
{
    internal bool IsPrecise => Source == "indexer";

    internal static PrefixKnowledge Read(JsonElement json) => new(
        json.Text("source") ?? "none", json.Text("fallback"), json.Whole("block_size"), json.Whole("tokens"), json.Number("lookup_us"));
}

/// <summary>Whether the prompt is computed on an engine of its own, and by what measure.</summary>
/// <param name="Verdict"><c>separate</c>, <c>skipped</c>, <c>no_endpoint</c> or <c>not_configured</c>; null when the picker does not tell.</param>
/// <param name="TokensToCompute">What the decode engine would have to compute itself.</param>
public sealed record PrefillVerdict(string? Verdict, int? TokensToCompute, int? ThresholdTokens, int? LeastPromptTokens)
{
    internal static PrefillVerdict Read(JsonElement json) => new(
        json.Text("verdict"), json.Whole("tokens_to_compute"), json.Whole("threshold_tokens"), json.Whole("least_prompt_tokens"));
}

/// <summary>The scores of one scheduling profile.</summary>
/// <param name="Weights">Scorer to weight, in the order of the configuration.</param>
public sealed record ProfileScores(string Profile, string? Endpoint, IReadOnlyDictionary<string, double> Weights, IReadOnlyList<ScoredCandidate> Candidates)
{
    internal static ProfileScores Read(JsonElement json) => new(
        json.Text("profile") ?? "?",
        json.Text("endpoint"),
        json.Numbers("weights", Candidate.MaxScores),
        [.. json.Elements("candidates").Select(ScoredCandidate.Read).OfType<ScoredCandidate>().Take(Worker.MaxCount)]);

    internal ScoredCandidate? Chosen => Candidates.FirstOrDefault(candidate => candidate.Endpoint == Endpoint);

    /// <summary>What a scorer adds to a candidate's total.</summary>
    internal double Points(ScoredCandidate candidate, string scorer) =>
        candidate.Scores.GetValueOrDefault(scorer) * Weights.GetValueOrDefault(scorer, 1);
}

/// <summary>An engine that the picker weighed, or whose role ruled it out.</summary>
/// <param name="MatchedTokens">Tokens of the prompt's beginning that it holds.</param>
/// <param name="ExpectedCachedTokens">How many of them an engine can use: one block less where it holds the whole prompt.</param>
public sealed record ScoredCandidate(
    string Endpoint, bool Eligible, int? MatchedTokens, int? ExpectedCachedTokens, IReadOnlyDictionary<string, double> Scores, double? Total)
{
    internal static ScoredCandidate? Read(JsonElement json) => json.Text("endpoint") is { } endpoint
        ? new ScoredCandidate(
            endpoint,
            json.Truth("eligible") ?? true,
            json.Whole("matched_tokens"),
            json.Whole("expected_cached_tokens") ?? json.Whole("matched_tokens"),
            json.Numbers("scores", Candidate.MaxScores),
            json.Number("total"))
        : null;
}
