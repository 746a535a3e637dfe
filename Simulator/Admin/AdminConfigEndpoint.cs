using System.Text.Json;
using LlmdAspire.EngineModel;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Failures;
using LlmdAspire.Simulator.FakeMetrics;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Admin;

/// <summary><c>GET|POST /admin/config</c>: the settings that may change while the engine runs, under their flags' names.</summary>
internal static class AdminConfigEndpoint
{
    private const string FirstToken = "time-to-first-token";
    private const string PrefillPerToken = "prefill-time-per-token";
    private const string InterToken = "inter-token-latency";
    private const string Transfer = "kv-cache-transfer-latency";
    private const string TransferPerToken = "kv-cache-transfer-time-per-token";
    private const string FailureRate = "failure-injection-rate";
    private const string FailureTypes = "failure-types";
    private const string FailureAfter = "failure-after-tokens";
    private const string Startup = "startup-duration";
    private const string MostWaiting = "max-waiting-queue-length";
    private const string CacheThreshold = "global-cache-hit-threshold";
    private const string Fake = "fake-metrics";
    private const string FakeRefresh = "fake-metrics-refresh-interval";

    private static readonly string s_names = string.Join(
        ", ", FirstToken, PrefillPerToken, InterToken, Transfer, TransferPerToken, FailureRate, FailureTypes, FailureAfter, Startup, MostWaiting, CacheThreshold, Fake, FakeRefresh);

    public static Task GetAsync(HttpContext context, ServedEngine engine) => JsonReply.WriteAsync(context, json => Write(json, engine));

    /// <summary>Changes what the body names and leaves the rest; nothing changes when any value is wrong.</summary>
    public static Task PostAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var latencies = engine.Latencies;
        var failures = engine.Failures.Settings;
        var (waiting, threshold, startup) = (engine.Face.MostWaiting, engine.Face.CacheHitThreshold, (TimeSpan?)null);
        var (fake, fakeChanged, refresh) = (engine.Face.Fake.Set, false, engine.Face.Fake.RefreshInterval);
        foreach (var setting in body.RootElement.EnumerateObject())
        {
            var mistake = setting.Name switch
            {
                FirstToken => ReadDuration(setting, value => latencies = latencies with { TimeToFirstToken = value }),
                PrefillPerToken => ReadDuration(setting, value => latencies = latencies with { PrefillTimePerToken = value }),
                InterToken => ReadDuration(setting, value => latencies = latencies with { InterTokenLatency = value }),
                Transfer => ReadDuration(setting, value => latencies = latencies with { TransferLatency = value }),
                TransferPerToken => ReadDuration(setting, value => latencies = latencies with { TransferTimePerToken = value }),
                FailureRate => ReadWhole(setting, 100, rate => failures = failures with { RatePercent = rate }),
                FailureTypes => ReadTypes(setting.Value, kinds => failures = failures with { Kinds = kinds }),
                FailureAfter => ReadWhole(setting, int.MaxValue, tokens => failures = failures with { AfterTokens = tokens }),
                Startup => ReadDuration(setting, value => startup = value),
                MostWaiting => ReadWhole(setting, int.MaxValue, most => waiting = most > 0 ? most : null),
                CacheThreshold => ReadShare(setting, share => threshold = share > 0 ? share : null),
                Fake => ReadFakeMetrics(setting.Value, ref fake, ref fakeChanged),
                FakeRefresh => ReadDuration(setting, value => refresh = value),
                _ => $"{setting.Name} cannot be changed; what can is {s_names}.",
            };
            if (mistake is not null)
            {
                return JsonReply.WriteAsync(context, OpenAiError.BadRequest(mistake, setting.Name));
            }
        }

        engine.Latencies = latencies;
        engine.Failures.Settings = failures;
        engine.Face.MostWaiting = waiting;
        engine.Face.CacheHitThreshold = threshold;
        engine.Face.Fake.RefreshInterval = refresh;
        if (fakeChanged)
        {
            engine.Face.Fake.Set = fake;
        }

        if (startup is { } duration)
        {
            engine.Load(duration);
        }

        return GetAsync(context, engine);
    }

    /// <summary><c>POST /fake_metrics</c>: the same for the invented metrics alone, which the body is.</summary>
    public static Task PostFakeMetricsAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        if (FakeMetricSet.Read(body.RootElement, engine.Face.Fake.Set, out var fake) is { } mistake)
        {
            return JsonReply.WriteAsync(context, OpenAiError.BadRequest($"{Fake} {mistake}.", Fake));
        }

        engine.Face.Fake.Set = fake;
        return GetAsync(context, engine);
    }

    private static void Write(Utf8JsonWriter json, ServedEngine engine)
    {
        var latencies = engine.Latencies;
        var failures = engine.Failures.Settings;
        json.WriteStartObject();
        json.WriteString(FirstToken, Text(latencies.TimeToFirstToken));
        json.WriteString(PrefillPerToken, Text(latencies.PrefillTimePerToken));
        json.WriteString(InterToken, Text(latencies.InterTokenLatency));
        json.WriteString(Transfer, Text(latencies.TransferLatency));
        json.WriteString(TransferPerToken, Text(latencies.TransferTimePerToken));
        json.WriteNumber(FailureRate, failures.RatePercent);
        json.WriteStartArray(FailureTypes);
        foreach (var kind in failures.Kinds)
        {
            json.WriteStringValue(kind.Name);
        }

        json.WriteEndArray();
        json.WriteNumber(FailureAfter, failures.AfterTokens);
        json.WriteNumber(MostWaiting, engine.Face.MostWaiting ?? 0);
        json.WriteNumber(CacheThreshold, engine.Face.CacheHitThreshold ?? 0);
        json.WriteString(FakeRefresh, Text(engine.Face.Fake.RefreshInterval));
        json.WritePropertyName(Fake);
        if (engine.Face.Fake.Set is { } fake)
        {
            fake.Write(json);
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteEndObject();
    }

    private static string Text(TimeSpan duration) => FormattableString.Invariant($"{duration.TotalMilliseconds}ms");

    private static string? ReadDuration(JsonProperty setting, Action<TimeSpan> set)
    {
        var text = setting.Value.ValueKind switch
        {
            JsonValueKind.Number => setting.Value.GetRawText(),
            JsonValueKind.String when JsonFields.TryText(setting.Value, out var written) => written,
            _ => "",
        };
        if (!Duration.TryParse(text, TimeSpan.FromMilliseconds(1), out var value))
        {
            return $"{setting.Name} must be a number of milliseconds or a duration such as 40ms or 1.5s.";
        }

        set(value);
        return null;
    }

    private static string? ReadWhole(JsonProperty setting, int most, Action<int> set)
    {
        if (setting.Value.ValueKind != JsonValueKind.Number || !setting.Value.TryGetInt32(out var number) || number < 0 || number > most)
        {
            return $"{setting.Name} must be a whole number {(most == int.MaxValue ? "of at least 0" : $"from 0 to {most}")}.";
        }

        set(number);
        return null;
    }

    private static string? ReadShare(JsonProperty setting, Action<double> set)
    {
        if (setting.Value.ValueKind != JsonValueKind.Number || !setting.Value.TryGetDouble(out var share) || share is < 0 or > 1)
        {
            return $"{setting.Name} must be a number from 0 to 1.";
        }

        set(share);
        return null;
    }

    /// <summary>Adds to the metrics there are; null ends them.</summary>
    private static string? ReadFakeMetrics(JsonElement value, ref FakeMetricSet? fake, ref bool changed)
    {
        changed = true;
        if (value.ValueKind == JsonValueKind.Null)
        {
            fake = null;
            return null;
        }

        if (FakeMetricSet.Read(value, fake, out var read) is { } mistake)
        {
            return $"{Fake} {mistake}.";
        }

        fake = read;
        return null;
    }

    private static string? ReadTypes(JsonElement value, Action<IReadOnlyList<FailureKind>> set)
    {
        var kinds = new List<FailureKind>();
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                if (!JsonFields.TryText(item, out var name) || FailureKind.Find(name) is not { } kind)
                {
                    return $"{FailureTypes} must name some of {string.Join(", ", FailureKind.Names)}.";
                }

                kinds.Add(kind);
            }

            set(kinds);
            return null;
        }

        return $"{FailureTypes} must be a list of some of {string.Join(", ", FailureKind.Names)}.";
    }
}
