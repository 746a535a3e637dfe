using System.Text.Json;
using LlmdAspire.EngineModel.Timing;
using LlmdAspire.Protocols;
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
    private const string Profile = "profile";
    private const string LoadFactor = "time-factor-under-load";
    private const string FailureRate = "failure-injection-rate";
    private const string FailureTypes = "failure-types";
    private const string FailureAfter = "failure-after-tokens";
    private const string Startup = "startup-duration";
    private const string MostWaiting = "max-waiting-queue-length";
    private const string CacheThreshold = "global-cache-hit-threshold";
    private const string Fake = "fake-metrics";
    private const string FakeRefresh = "fake-metrics-refresh-interval";

    private static readonly string s_names = string.Join(
        ", ",
        [.. LatencySetting.All.Select(known => known.Name), Profile, LoadFactor, FailureRate, FailureTypes, FailureAfter, Startup, MostWaiting, CacheThreshold, Fake, FakeRefresh]);

    public static Task GetAsync(HttpContext context, ServedEngine engine) => JsonReply.WriteAsync(context, json => Write(json, engine));

    public static Task PostAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        OpenAiError? error;
        lock (engine.Face.SettingsLock)
        {
            error = Change(engine, body.RootElement);
        }

        return error is not null ? JsonReply.WriteAsync(context, error) : GetAsync(context, engine);
    }

    /// <summary>Changes what the body names and leaves the rest; nothing changes when any value is wrong.</summary>
    private static OpenAiError? Change(ServedEngine engine, JsonElement body)
    {
        var latencies = GivenLatencies(engine);
        var keepsProfile = engine.Timing is HardwareTiming;
        var failures = engine.Failures.Settings;
        var (waiting, threshold, startup) = (engine.Face.MostWaiting, engine.Face.CacheHitThreshold, (TimeSpan?)null);
        var (fake, fakeChanged, refresh) = (engine.Face.Fake.Set, false, engine.Face.Fake.RefreshInterval);
        foreach (var setting in body.EnumerateObject())
        {
            string? mistake;
            if (LatencySetting.Find(setting.Name) is { } latency)
            {
                mistake = ReadDuration(setting, value => latencies = latency.With(latencies, value));
                keepsProfile &= latency.IsTransfer;
            }
            else
            {
                mistake = setting.Name switch
                {
                    Profile => ReadProfile(setting.Value, engine, body, () => keepsProfile = true),
                    LoadFactor => ReadFactor(setting.Value, factor => latencies = latencies with { FactorUnderLoad = factor }),
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
            }

            if (mistake is not null)
            {
                return OpenAiError.BadRequest(mistake, setting.Name);
            }
        }

        if (LatencySetting.FindDeviationMistake(latencies, name => body.TryGetProperty(name, out _)) is { } tooWide)
        {
            return OpenAiError.BadRequest(tooWide);
        }

        if (keepsProfile && body.TryGetProperty(LoadFactor, out _))
        {
            return OpenAiError.BadRequest(
                $"{LoadFactor} lengthens given times, and the times of profile {engine.Profile} are in force; give {LatencySetting.All[0].Name} or another time in the same request.", LoadFactor);
        }

        engine.Timing = keepsProfile ? engine.ProfileTiming with { Transfer = latencies.Transfer } : latencies;
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

        return null;
    }

    /// <summary><c>POST /fake_metrics</c>: the same for the invented metrics alone, which the body is.</summary>
    public static Task PostFakeMetricsAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        string? mistake;
        lock (engine.Face.SettingsLock)
        {
            mistake = FakeMetricSet.Read(body.RootElement, engine.Face.Fake.Set, out var fake);
            if (mistake is null)
            {
                engine.Face.Fake.Set = fake;
            }
        }

        return mistake is null ? GetAsync(context, engine) : JsonReply.WriteAsync(context, OpenAiError.BadRequest($"{Fake} {mistake}.", Fake));
    }

    /// <summary>The times given as such; with a profile's times in force, none but those of copies.</summary>
    private static Latencies GivenLatencies(ServedEngine engine) =>
        engine.Timing as Latencies ?? new Latencies { Transfer = engine.Timing.Transfer };

    private static void Write(Utf8JsonWriter json, ServedEngine engine)
    {
        var latencies = GivenLatencies(engine);
        var failures = engine.Failures.Settings;
        json.WriteStartObject();
        json.WriteString(Profile, engine.Timing is HardwareTiming ? engine.Profile : null);
        foreach (var setting in LatencySetting.All)
        {
            json.WriteString(setting.Name, Text(setting.Of(latencies)));
        }

        json.WriteNumber(LoadFactor, latencies.FactorUnderLoad);
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

    private static string? ReadFactor(JsonElement value, Action<double> set)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var factor) || factor is not (>= 1 and <= 1000))
        {
            return $"{LoadFactor} must be a number from 1 to 1000.";
        }

        set(factor);
        return null;
    }

    /// <summary>The profile's name puts its times back in force, in place of those given as such; null, which tells that given ones are, leaves them.</summary>
    private static string? ReadProfile(JsonElement value, ServedEngine engine, JsonElement body, Action keep)
    {
        if (value.ValueKind == JsonValueKind.Null && engine.Timing is Latencies)
        {
            return null;
        }

        if (!JsonFields.TryText(value, out var name) || name != engine.Profile)
        {
            return $"{Profile} can only be {engine.Profile}, with which this engine was started; give {LatencySetting.All[0].Name} or another time to leave it.";
        }

        if (body.EnumerateObject().Select(other => other.Name).FirstOrDefault(other => LatencySetting.Find(other) is { IsTransfer: false }) is { } time)
        {
            return $"{Profile} and {time} exclude each other; leave one of them out.";
        }

        keep();
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
