using LlmdAspire.Dashboard.Sources;

namespace LlmdAspire.Dashboard.Why;

/// <summary>Everything that is known of why a request went where it went.</summary>
/// <param name="Sentence">The answer in one plain sentence; null when nobody remembers the request.</param>
/// <param name="Path">Where it came along, in order.</param>
/// <param name="ExpectedCachedTokens">Tokens of the prompt that the picker expected in the cache of the engine that computed it.</param>
/// <param name="CachedTokens">Tokens that were in fact, once the answer told.</param>
/// <param name="Picker">Null when there is no picker or it does not remember.</param>
/// <param name="Router">Null when the Router does not remember.</param>
/// <param name="Missing">What is not known, in sentences.</param>
public sealed record RequestWhy(
    string RequestId,
    string? Sentence,
    IReadOnlyList<PathStep> Path,
    int? PromptTokens,
    int? ExpectedCachedTokens,
    int? CachedTokens,
    PickerDecision? Picker,
    Explanation? Router,
    IReadOnlyList<string> Missing)
{
    internal static RequestWhy Of(
        string requestId, RequestRow? row, PickerDecision? decision, Explanation? explanation, EngineNames names, params IEnumerable<string?> missing) => new(
        requestId,
        decision is not null ? WhySentence.Of(decision, row, names) : explanation is not null ? WhySentence.Of(explanation, names) : null,
        RequestPath.Of(row, decision, explanation, names),
        row?.PromptTokens ?? decision?.Prefix.Tokens,
        decision is null ? null : ExpectedTokens(decision),
        row?.CachedTokens,
        decision,
        explanation,
        [.. missing.OfType<string>()]);

    /// <summary>Tokens of the prompt expected in the cache of the engine that was to compute it.</summary>
    internal static int? ExpectedTokens(PickerDecision decision)
    {
        var engine = decision.PrefillEndpoint ?? decision.Endpoint;
        return decision.Profiles.FirstOrDefault(profile => profile.Endpoint == engine)?.Chosen?.ExpectedCachedTokens;
    }
}
