using System.Text.Json;
using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Handlers;
using LlmdAspire.Scheduling.Prefix;
using LlmdAspire.Scheduling.Profiles;

namespace LlmdAspire.Epp.Decisions;

/// <summary>Writes decisions as JSON.</summary>
internal static class DecisionJson
{
    public static void Write(Utf8JsonWriter json, Decision decision, TimeSpan age)
    {
        var result = decision.Result;
        json.WriteStartObject();
        json.WriteString("request_id", decision.RequestId);
        json.WriteString("model", decision.Model);
        json.WriteString("outcome", OutcomeOf(result.Outcome));
        json.WriteString("decision", result.Best is null ? null : result.DecisionType);
        WriteEndpoint(json, "endpoint", result.Best);
        WriteEndpoint(json, "prefill_endpoint", result.Prefill);
        WritePrefix(json, decision);
        WritePrefill(json, decision);
        json.WriteStartArray("profiles");
        foreach (var run in result.Runs)
        {
            WriteRun(json, run, decision);
        }

        json.WriteEndArray();
        if (decision.TraceId is not null)
        {
            json.WriteString("trace_id", decision.TraceId);
        }

        json.WriteNumber("duration_us", Math.Round(decision.Took.TotalMicroseconds, 1));
        json.WriteNumber("age_ms", (long)age.TotalMilliseconds);
        json.WriteEndObject();
    }

    private static string OutcomeOf(ScheduleOutcome outcome) => outcome switch
    {
        ScheduleOutcome.Chosen => "chosen",
        ScheduleOutcome.NoEndpoints => "no_endpoints",
        _ => "drained",
    };

    private static void WriteEndpoint(Utf8JsonWriter json, string name, EngineEndpoint? endpoint)
    {
        if (endpoint is null)
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteString(name, endpoint.Name);
        }
    }

    private static void WritePrefix(Utf8JsonWriter json, Decision decision)
    {
        json.WriteStartObject("prefix");
        if (decision.Prefix is { } prefix)
        {
            json.WriteString("source", prefix.Source);
            json.WriteString("fallback", prefix.Fallback);
            json.WriteNumber("blocks", prefix.TotalBlocks);
            json.WriteNumber("block_size", prefix.BlockSize);
            json.WriteNumber("tokens", prefix.PromptTokens);
            json.WriteNumber("matched_blocks", decision.Result.Best is { } best ? prefix.BlocksOn(best) : 0);
            if (prefix.LookupTime is { } took)
            {
                json.WriteNumber("lookup_us", Math.Round(took.TotalMicroseconds, 1));
            }
        }
        else
        {
            json.WriteString("source", "none");
        }

        json.WriteEndObject();
    }

    // Why the prompt is, or is not, computed on an endpoint of its own.
    private static void WritePrefill(Utf8JsonWriter json, Decision decision)
    {
        var result = decision.Result;
        json.WriteStartObject("prefill");
        json.WriteString("verdict", VerdictOf(result));
        if (result.Best is { } best && decision.Prefix is { } prefix)
        {
            json.WriteNumber("tokens_to_compute", Math.Max(0, prefix.PromptTokens - prefix.ExpectedTokensOn(best)));
        }

        if (result.PrefillStage?.Threshold is { } threshold)
        {
            json.WriteNumber("threshold_tokens", threshold.NonCachedTokens);
            json.WriteNumber("least_prompt_tokens", threshold.PromptTokens);
        }

        json.WriteEndObject();
    }

    private static string VerdictOf(ScheduleResult result) => result switch
    {
        { Prefill: not null } => "separate",
        { PrefillStage: null } => "not_configured",
        { PrefillStage.Profile: var profile } when result.Runs.Any(run => run.Profile.Name == profile) => "no_endpoint",
        _ => "skipped",
    };

    private static void WriteRun(Utf8JsonWriter json, ProfileRun run, Decision decision)
    {
        json.WriteStartObject();
        json.WriteString("profile", run.Profile.Name);
        WriteEndpoint(json, "endpoint", run.Best);
        json.WriteStartObject("weights");
        foreach (var scorer in run.Profile.Scorers)
        {
            json.WriteNumber(scorer.Name, scorer.Weight);
        }

        json.WriteEndObject();
        json.WriteStartArray("candidates");
        for (var i = 0; i < run.Candidates.Count; i++)
        {
            WriteCandidate(json, run, i, decision.Prefix);
        }

        foreach (var endpoint in decision.Candidates)
        {
            if (!run.Candidates.Contains(endpoint))
            {
                json.WriteStartObject();
                json.WriteString("endpoint", endpoint.Name);
                json.WriteBoolean("eligible", false);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteCandidate(Utf8JsonWriter json, ProfileRun run, int candidate, PrefixMatches? prefix)
    {
        var endpoint = run.Candidates[candidate];
        json.WriteStartObject();
        json.WriteString("endpoint", endpoint.Name);
        json.WriteBoolean("eligible", true);
        if (prefix is not null)
        {
            // The last block of an approximate match may reach beyond the prompt.
            json.WriteNumber("matched_tokens", Math.Min(prefix.BlocksOn(endpoint) * prefix.BlockSize, prefix.PromptTokens));
            json.WriteNumber("expected_cached_tokens", prefix.ExpectedTokensOn(endpoint));
        }

        json.WriteStartObject("scores");
        for (var scorer = 0; scorer < run.Profile.Scorers.Count; scorer++)
        {
            json.WriteNumber(run.Profile.Scorers[scorer].Name, Math.Round(run.ScoreOf(scorer, candidate), 6));
        }

        json.WriteEndObject();
        json.WriteNumber("total", Math.Round(run.Totals[candidate], 6));
        json.WriteEndObject();
    }
}
