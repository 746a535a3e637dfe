using System.Globalization;
using LlmdAspire.Dashboard.Sources;

namespace LlmdAspire.Dashboard.Why;

/// <summary>Says in one plain sentence why a request went where it went. Pure.</summary>
/// <example>decode-1 because it holds 1,984 of 2,000 prompt tokens; prefill skipped: only 16 tokens to compute</example>
internal static class WhySentence
{
    private const double Nothing = 1e-9;

    /// <param name="row">What became of the request; null while it runs.</param>
    public static string Of(PickerDecision decision, RequestRow? row, EngineNames names)
    {
        if (decision.Endpoint is not { } endpoint)
        {
            return decision.Outcome switch
            {
                "no_endpoints" => "no engine: the picker knew none that answers",
                "drained" => "no engine: the picker's filters left none for this request",
                _ => "no engine: the picker chose none",
            };
        }

        var name = names.Of(endpoint);
        var clauses = new[]
        {
            $"{name} {Because(decision, names)}",
            Prefill(decision, row, names),
            row?.Endpoint is { } served && served != endpoint && served + "@0" != endpoint && served != endpoint + "@0" ? $"{name} did not serve it, so {names.Of(served)} did" : null,
        };
        return string.Join("; ", clauses.OfType<string>());
    }

    /// <summary>For a request that no picker decided.</summary>
    public static string Of(Explanation explanation, EngineNames names)
    {
        var where = explanation.Endpoint is { } endpoint ? names.Of(endpoint) : "no engine";
        var prefill = explanation.PrefillEndpoint is { } other ? $"; prefill on {names.Of(other)}" : "";
        return $"{where}: {explanation.Reason ?? "no reason given"}{prefill}";
    }

    private static string Because(PickerDecision decision, EngineNames names)
    {
        if (decision.Deciding is not { Chosen: { } chosen } profile)
        {
            return "by the picker's choice";
        }

        var others = profile.Candidates.Where(candidate => candidate.Eligible && candidate.Endpoint != chosen.Endpoint).ToList();
        if (others.Count == 0)
        {
            return "because it was the only candidate" + (chosen.ExpectedCachedTokens > 0 ? $"; it {Holds(decision, chosen)}" : "");
        }

        var runnerUp = others.MaxBy(candidate => candidate.Total ?? 0)!;
        var holder = others.MaxBy(candidate => candidate.ExpectedCachedTokens ?? 0)!;
        var (here, there) = (chosen.ExpectedCachedTokens ?? 0, holder.ExpectedCachedTokens ?? 0);
        if (there > here)
        {
            return $"although {names.Of(holder.Endpoint)} {Holds(decision, holder)}: {names.Of(chosen.Endpoint)} {Advantage(profile, chosen, holder, others.Count)}";
        }

        if (here == 0)
        {
            var nobody = decision.Prefix.Tokens is { } tokens ? $"; no candidate {(decision.Prefix.IsPrecise ? "holds" : "is known to hold")} any of its {Tokens(tokens)}" : "";
            return $"because it {Advantage(profile, chosen, runnerUp, others.Count)}{nobody}";
        }

        // Somebody else holds as much, so that the rest decided.
        return there == here
            ? $"because it {Holds(decision, chosen)}, as {names.Of(holder.Endpoint)} does, and {Advantage(profile, chosen, holder, others.Count)}"
            : $"because it {Holds(decision, chosen)}";
    }

    private static string Holds(PickerDecision decision, ScoredCandidate candidate)
    {
        var verb = decision.Prefix.IsPrecise ? "holds" : "should hold";
        var all = decision.Prefix.Tokens is { } tokens ? $" of {Number(tokens)}" : "";
        return $"{verb} {Number(candidate.ExpectedCachedTokens ?? 0)}{all} prompt tokens";
    }

    /// <summary>What weighed most in favour of the chosen one, as the end of a sentence that begins with it.</summary>
    private static string Advantage(ProfileScores profile, ScoredCandidate chosen, ScoredCandidate other, int others)
    {
        var best = chosen.Scores.Keys
            .Select(scorer => (Scorer: scorer, Points: profile.Points(chosen, scorer) - profile.Points(other, scorer)))
            .OrderByDescending(difference => difference.Points)
            .FirstOrDefault();
        return best.Points > Nothing ? Meaning(best.Scorer)
            : Math.Abs((chosen.Total ?? 0) - (other.Total ?? 0)) <= Nothing ? $"was drawn among {(others == 1 ? "two" : "several")} that are equally good"
            : "was drawn by the picker";
    }

    // A scorer may be called anything in a configuration; without a name of its own it is called by its type.
    private static string Meaning(string scorer) => scorer switch
    {
        "queue-scorer" or "queue-depth-scorer" => "has fewer requests waiting",
        "kv-cache-utilization-scorer" => "has more of its KV cache free",
        "active-request-scorer" or "running-requests-size-scorer" => "has fewer requests under way",
        "token-load-scorer" => "has fewer tokens under way",
        "load-aware-scorer" => "is less loaded",
        "session-affinity-scorer" => "served this session before",
        "lora-affinity-scorer" => "has the adapter loaded",
        "no-hit-lru-scorer" => "has gone longest without a new prompt",
        "prefix-cache-scorer" or "precise-prefix-cache-scorer" => "holds more of the prompt",
        _ => $"scores higher by {scorer}",
    };

    private static string? Prefill(PickerDecision decision, RequestRow? row, EngineNames names)
    {
        var verdict = decision.Prefill;
        return verdict.Verdict switch
        {
            "separate" when row is { Status: < 400, PrefillEndpoint: null } =>
                $"{names.Of(decision.PrefillEndpoint)} was to prefill and did not, so the decode engine computed the prompt",
            "separate" => Separate(decision, row?.PrefillEndpoint ?? decision.PrefillEndpoint, names),
            "no_endpoint" => "no prefill engine was left, so it computes the prompt itself",
            "skipped" => "prefill skipped" + WhySkipped(decision.Prefix.Tokens, verdict),
            _ => null,
        };
    }

    private static string Separate(PickerDecision decision, string? endpoint, EngineNames names)
    {
        var held = decision.Profiles.FirstOrDefault(profile => profile.Endpoint == endpoint)?.Chosen?.ExpectedCachedTokens ?? 0;
        return decision.Prefix.Tokens is not { } tokens ? $"prefill on {names.Of(endpoint)}"
            : held == 0 ? $"prefill on {names.Of(endpoint)}: {Tokens(tokens)} to compute"
            : $"prefill on {names.Of(endpoint)}: it holds {Number(held)}, leaving {Tokens(tokens - held)} to compute";
    }

    private static string WhySkipped(int? prompt, PrefillVerdict verdict) => verdict switch
    {
        { TokensToCompute: null } => ": nothing is known of the prompt",
        { ThresholdTokens: 0 } => ": the configuration switches it off",
        { LeastPromptTokens: { } least } when prompt < least => $": the prompt has only {Tokens(prompt.Value)}",
        { ThresholdTokens: { } threshold, TokensToCompute: { } missing } when missing <= threshold || prompt <= threshold => $": only {Tokens(missing)} to compute",
        _ => "",
    };

    private static string Tokens(int count) => count == 1 ? "1 token" : $"{Number(count)} tokens";

    private static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
