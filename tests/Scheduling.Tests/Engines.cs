using System.Text;
using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Prefix;
using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;
using LlmdAspire.Serving.Endpoints;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Scheduling.Tests;

/// <summary>Endpoints and requests for tests.</summary>
internal static class Engines
{
    public static EngineEndpoint One(int slot, string? role = null, EngineLoad? load = null, params (string Key, string Value)[] labels)
    {
        _ = EndpointId.TryParse($"http://10.0.0.{slot + 1}:8000", out var id, out _);
        var all = labels.ToDictionary(label => label.Key, label => label.Value);
        if (role is not null)
        {
            all[RoleLabel.Name] = role;
        }

        return new EngineEndpoint(id, all, slot) { Load = load ?? EngineLoad.Unknown };
    }

    /// <summary>One endpoint per load.</summary>
    public static EngineEndpoint[] Of(params EngineLoad[] loads) => [.. loads.Select((load, slot) => One(slot, load: load))];

    public static EngineEndpoint[] Count(int count) => [.. Enumerable.Range(0, count).Select(slot => One(slot))];

    public static EngineEndpoint[] WithRoles(params string?[] roles) => [.. roles.Select((role, slot) => One(slot, role))];

    public static InferenceRequest Prompt(string text, string model = "m", string? salt = null) => new()
    {
        RequestId = "r",
        Model = model,
        PromptKind = PromptKind.Text,
        Prompt = Encoding.UTF8.GetBytes($"\"{text}\""),
        CacheSalt = salt,
    };

    public static InferenceRequest Tokens(params int[] tokens) => new()
    {
        RequestId = "r",
        Model = "m",
        PromptKind = PromptKind.TokenIds,
        Prompt = Encoding.UTF8.GetBytes($"[{string.Join(", ", tokens)}]"),
    };

    public static InferenceRequest Messages(string json) => new()
    {
        RequestId = "r",
        Model = "m",
        PromptKind = PromptKind.Messages,
        Prompt = Encoding.UTF8.GetBytes(json),
    };

    public static SchedulingContext Context(EngineEndpoint[] endpoints, InferenceRequest? request = null) => new(request ?? Prompt("hello"), endpoints);

    public static SchedulingContext WithPrefixes(this SchedulingContext context, int total, int[] blocks, int blockSize = 16, int? tokens = null, double[]? weights = null)
    {
        context.SetPrefixes("approx-prefix-cache-producer", new PrefixMatches(blockSize, total, tokens ?? total * blockSize, blocks, weights));
        return context;
    }

    public static double[] Score(this IScorer scorer, SchedulingContext context)
    {
        var scores = new double[context.Candidates.Length];
        scorer.Score(context, "default", context.Candidates, scores);
        return [.. scores.Select(score => Math.Round(score, 6))];
    }

    public static int[] Keep(this IFilter filter, EngineEndpoint[] endpoints)
    {
        var candidates = endpoints.ToArray();
        var kept = filter.Keep(Context(endpoints), candidates);
        return [.. candidates[..kept].Select(endpoint => endpoint.Slot)];
    }
}
