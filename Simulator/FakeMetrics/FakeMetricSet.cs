using System.Text.Json;
using LlmdAspire.EngineModel.Metrics;
using LlmdAspire.Simulator.Http;
using LlmdAspire.Simulator.Lora;

namespace LlmdAspire.Simulator.FakeMetrics;

/// <summary>The metrics that <c>--fake-metrics</c> asks for, under llm-d-inference-sim's keys. What it leaves out is told as zero.</summary>
/// <remarks>Immutable.</remarks>
internal sealed class FakeMetricSet
{
    /// <summary>Histograms given by the number of observations in each bucket: key, metric, bounds.</summary>
    public static readonly IReadOnlyList<(string Key, string Metric, double[] Bounds)> BucketKeys =
    [
        ("ttft-buckets-values", "vllm:time_to_first_token_seconds", Buckets.FirstToken),
        ("tpot-buckets-values", "vllm:inter_token_latency_seconds", Buckets.BetweenTokens),
        ("request-tpot-buckets-values", "vllm:request_time_per_output_token_seconds", Buckets.BetweenTokens),
        ("e2erl-buckets-values", "vllm:e2e_request_latency_seconds", Buckets.WholeRequest),
        ("queue-time-buckets-values", "vllm:request_queue_time_seconds", Buckets.WholeRequest),
        ("inf-time-buckets-values", "vllm:request_inference_time_seconds", Buckets.WholeRequest),
        ("prefill-time-buckets-values", "vllm:request_prefill_time_seconds", Buckets.WholeRequest),
        ("decode-time-buckets-values", "vllm:request_decode_time_seconds", Buckets.WholeRequest),
    ];

    /// <summary>Histograms of token counts given by their observations.</summary>
    public static readonly IReadOnlyList<(string Key, string Metric)> SampleKeys =
    [
        ("request-prompt-tokens", "vllm:request_prompt_tokens"),
        ("request-generation-tokens", "vllm:request_generation_tokens"),
        ("request-params-max-tokens", "vllm:request_params_max_tokens"),
        ("request-max-generation-tokens", "vllm:request_max_num_generation_tokens"),
    ];

    private static readonly string[] s_gauges = ["running-requests", "waiting-requests", "kv-cache-usage"];
    private static readonly string[] s_counters = ["total-prompt-tokens", "total-generation-tokens", "prefix-cache-hits", "prefix-cache-queries"];
    private static readonly string[] s_reasons = ["stop", "length", "tool_calls", "remote_decode", "cache_threshold", "abort", "error"];

    private readonly Dictionary<string, JsonElement> _json;
    private readonly Dictionary<string, FakeValue> _gauges = [];
    private readonly Dictionary<string, long[]> _lists = [];
    private readonly Dictionary<string, long> _counters = [];

    private FakeMetricSet(Dictionary<string, JsonElement> json) => _json = json;

    public IReadOnlyDictionary<string, long> Finished { get; private set; } = new Dictionary<string, long>();

    public IReadOnlyList<LoraMoment> Loras { get; private set; } = [];

    /// <summary>Reads a set, or adds to one.</summary>
    /// <param name="before">What keys that <paramref name="json"/> leaves out keep; null for nothing.</param>
    /// <returns>What is wrong, as the end of a sentence that begins with the flag; null for nothing.</returns>
    public static string? Read(JsonElement json, FakeMetricSet? before, out FakeMetricSet set)
    {
        set = before ?? new FakeMetricSet([]);
        if (json.ValueKind != JsonValueKind.Object)
        {
            return "must be a JSON object";
        }

        var merged = new Dictionary<string, JsonElement>(set._json);
        foreach (var member in json.EnumerateObject())
        {
            merged[member.Name] = member.Value.Clone();
        }

        var read = new FakeMetricSet(merged);
        foreach (var (key, value) in merged)
        {
            if (read.Take(key, value) is { } mistake)
            {
                return $"has {key}, which {mistake}";
            }
        }

        if (read.FindMistake() is { } wrong)
        {
            return wrong;
        }

        set = read;
        return null;
    }

    /// <summary>A gauge's value so long after the set was made; requests count whole.</summary>
    public double Gauge(string key, TimeSpan elapsed) =>
        !_gauges.TryGetValue(key, out var value) ? 0 : key == "kv-cache-usage" ? value.At(elapsed) : Math.Floor(value.At(elapsed));

    /// <summary>A counter, or the sum of a list where only that was given.</summary>
    public long Counter(string key, string? sumOf = null) =>
        _counters.TryGetValue(key, out var value) ? value : sumOf is not null && _lists.TryGetValue(sumOf, out var list) ? list.Sum() : 0;

    public ReadOnlySpan<long> List(string key) => _lists.TryGetValue(key, out var list) ? list : [];

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var (key, value) in _json)
        {
            json.WritePropertyName(key);
            value.WriteTo(json);
        }

        json.WriteEndObject();
    }

    private string? Take(string key, JsonElement value)
    {
        if (s_gauges.Contains(key))
        {
            var mistake = FakeValue.Read(value, out var gauge);
            _gauges[key] = gauge;
            return mistake ?? (gauge.Range.Least < 0 || (key == "kv-cache-usage" && gauge.Range.Most > 1)
                ? key == "kv-cache-usage" ? "must be from 0 to 1" : "must not be negative" : null);
        }

        if (s_counters.Contains(key))
        {
            _counters[key] = value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : -1;
            return _counters[key] < 0 ? "must be a whole number of at least 0" : null;
        }

        if (BucketKeys.Any(known => known.Key == key) || SampleKeys.Any(known => known.Key == key))
        {
            return TakeList(key, value);
        }

        return key switch
        {
            "request-success-total" => TakeFinished(value),
            "loras" => TakeLoras(value),
            _ => $"is no key of it; known are {string.Join(", ", [.. s_gauges, "loras", .. BucketKeys.Select(known => known.Key), .. SampleKeys.Select(known => known.Key), "request-success-total", .. s_counters])}",
        };
    }

    private string? TakeList(string key, JsonElement value)
    {
        const string Form = "must be a list of whole numbers of at least 0";
        if (value.ValueKind != JsonValueKind.Array)
        {
            return Form;
        }

        var numbers = new List<long>();
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out var number) || number < 0)
            {
                return Form;
            }

            numbers.Add(number);
        }

        _lists[key] = [.. numbers];
        var bounds = BucketKeys.FirstOrDefault(known => known.Key == key).Bounds;
        return bounds is not null && numbers.Count > bounds.Length + 1 ? $"has more than the {bounds.Length + 1} buckets there are" : null;
    }

    private string? TakeFinished(JsonElement value)
    {
        var finished = new Dictionary<string, long>();
        foreach (var member in value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : default)
        {
            if (!s_reasons.Contains(member.Name) || member.Value.ValueKind != JsonValueKind.Number || !member.Value.TryGetInt64(out var count) || count < 0)
            {
                return $"must be an object with numbers of at least 0 under {string.Join(", ", s_reasons)}";
            }

            finished[member.Name] = count;
        }

        Finished = finished;
        return value.ValueKind == JsonValueKind.Object ? null : "must be an object of finish reasons and numbers";
    }

    private string? TakeLoras(JsonElement value)
    {
        const string Form = """must be a list of objects such as {"running":"a,b","waiting":"c","timestamp":1.5}""";
        if (value.ValueKind != JsonValueKind.Array)
        {
            return Form;
        }

        var loras = new List<LoraMoment>();
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
            {
                return Form;
            }

            var fields = new JsonFields(item);
            loras.Add(new LoraMoment(fields.Text("running") ?? "", fields.Text("waiting") ?? "", fields.Number("timestamp") ?? 0));
            if (fields.Mistake is not null)
            {
                return Form;
            }
        }

        Loras = loras;
        return null;
    }

    private string? FindMistake() =>
        _counters.ContainsKey("prefix-cache-hits") != _counters.ContainsKey("prefix-cache-queries") ? "must have prefix-cache-hits and prefix-cache-queries together"
        : Counter("prefix-cache-hits") > Counter("prefix-cache-queries") ? "must not have more prefix-cache-hits than prefix-cache-queries"
        : null;
}
