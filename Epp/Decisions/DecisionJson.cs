using System.Text.Json;
using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Handlers;
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
        WriteIndexer(json, decision);
        json.WriteStartArray("profiles");
        foreach (var run in result.Runs)
        {
            WriteRun(json, run, decision.Candidates);
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

    private static void WriteIndexer(Utf8JsonWriter json, Decision decision)
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
        }
        else
        {
            json.WriteString("source", "none");
        }

        json.WriteEndObject();
    }

    private static void WriteRun(Utf8JsonWriter json, ProfileRun run, EngineEndpoint[] offered)
    {
        json.WriteStartObject();
        json.WriteString("profile", run.Profile.Name);
        WriteEndpoint(json, "endpoint", run.Best);
        json.WriteStartArray("candidates");
        for (var i = 0; i < run.Candidates.Count; i++)
        {
            WriteCandidate(json, run, i);
        }

        foreach (var endpoint in offered)
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

    private static void WriteCandidate(Utf8JsonWriter json, ProfileRun run, int candidate)
    {
        json.WriteStartObject();
        json.WriteString("endpoint", run.Candidates[candidate].Name);
        json.WriteBoolean("eligible", true);
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
