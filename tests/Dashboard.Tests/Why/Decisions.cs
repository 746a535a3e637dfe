using System.Text.Json;
using System.Text.Json.Nodes;
using LlmdAspire.Dashboard.Sources;
using LlmdAspire.Dashboard.State;
using LlmdAspire.Dashboard.Why;

namespace LlmdAspire.Dashboard.Tests.Why;

/// <summary>Decisions as the picker writes them, about a prompt of 2,000 tokens, two decode engines and a prefill engine.</summary>
internal static class Decisions
{
    public const string Decode0 = "http://decode:8000";
    public const string Decode1 = "http://decode:8001";
    public const string Prefill0 = "http://prefill:8000";

    public static EngineNames Names { get; } = EngineNames.Of(
    [
        Engine(Decode0, "decode-0"), Engine(Decode1, "decode-1"), Engine(Prefill0, "prefill-0"),
    ]);

    /// <summary>A decision for decode-1.</summary>
    /// <param name="held">Tokens expected in the caches of decode-0 and decode-1.</param>
    /// <param name="queue">The scores of decode-0 and decode-1 that are not about the prefix.</param>
    public static JsonObject Json(
        (int Decode0, int Decode1) held, (double Decode0, double Decode1) queue, string verdict = "not_configured", string source = "indexer",
        string? fallback = null, int threshold = 256, int least = 0, string queueScorer = "queue-scorer", string id = "cmpl-1", string decode0 = Decode0, string decode1 = Decode1,
        string prefill0 = Prefill0) => new()
        {
            ["request_id"] = id,
            ["model"] = "m",
            ["outcome"] = "chosen",
            ["decision"] = verdict == "separate" ? "prefill-decode" : "decode-only",
            ["endpoint"] = decode1,
            ["prefill_endpoint"] = verdict == "separate" ? prefill0 : null,
            ["prefix"] = new JsonObject { ["source"] = source, ["fallback"] = fallback, ["block_size"] = 16, ["blocks"] = 125, ["tokens"] = 2000, ["lookup_us"] = source == "indexer" ? 420.5 : null },
            ["prefill"] = new JsonObject
            {
                ["verdict"] = verdict, ["tokens_to_compute"] = 2000 - held.Decode1, ["threshold_tokens"] = threshold, ["least_prompt_tokens"] = least,
            },
            ["profiles"] = new JsonArray(
            [
                Profile("decode", decode1, [Candidate(decode0, held.Decode0, queue.Decode0, queueScorer), Candidate(decode1, held.Decode1, queue.Decode1, queueScorer), Out(prefill0)], queueScorer),
                .. verdict == "separate" ? new[] { Profile("prefill", prefill0, [Candidate(prefill0, 0, 1, queueScorer)], queueScorer) } : [],
            ]),
            ["duration_us"] = 812.5,
            ["age_ms"] = 3,
        };

    public static PickerDecision Read(JsonObject json) =>
        Assert.Single(PickerDecision.ReadList(JsonSerializer.Deserialize<JsonElement>($"[{json.ToJsonString()}]")));

    public static RequestRow Row(
        string endpoint = Decode1, string? prefill = null, int status = 200, int? cached = null) =>
        new("cmpl-1", null, "POST", "/v1/completions", "m", false, status, endpoint, 1, 100, 60, 2000, 16, cached, null)
        {
            PrefillEndpoint = prefill,
            PrefillMs = prefill is null ? null : 40,
        };

    private static JsonObject Profile(string name, string chosen, JsonObject[] candidates, string queueScorer) => new()
    {
        ["profile"] = name,
        ["endpoint"] = chosen,
        ["weights"] = new JsonObject { ["prefix-cache-scorer"] = 3, [queueScorer] = 1 },
        ["candidates"] = new JsonArray([.. candidates]),
    };

    private static JsonObject Candidate(string endpoint, int held, double queue, string queueScorer) => new()
    {
        ["endpoint"] = endpoint,
        ["eligible"] = true,
        ["matched_tokens"] = held,
        ["expected_cached_tokens"] = held,
        ["scores"] = new JsonObject { ["prefix-cache-scorer"] = held / 2000.0, [queueScorer] = queue },
        ["total"] = (held / 2000.0 * 3) + queue,
    };

    private static JsonObject Out(string endpoint) => new() { ["endpoint"] = endpoint, ["eligible"] = false };

    private static EngineState Engine(string endpoint, string name) =>
        new() { Endpoint = endpoint, Address = new Uri(endpoint).Authority, Name = name, Role = "decode", State = "healthy" };
}
