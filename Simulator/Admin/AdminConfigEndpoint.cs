using System.Text.Json;
using LlmdAspire.EngineModel.Timing;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Failures;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Admin;

/// <summary><c>GET|POST /admin/config</c>: the settings that may change while the engine runs, under their flags' names.</summary>
internal static class AdminConfigEndpoint
{
    private const string Profile = "profile";
    private const string LoadFactor = "time-factor-under-load";
    private const string FailureRate = "failure-injection-rate";
    private const string FailureTypes = "failure-types";

    public static Task GetAsync(HttpContext context, ServedEngine engine) => JsonReply.WriteAsync(context, json => Write(json, engine));

    /// <summary>Changes what the body names and leaves the rest; nothing changes when any value is wrong.</summary>
    public static Task PostAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var latencies = GivenLatencies(engine);
        var keepsProfile = engine.Timing is HardwareTiming;
        var failures = engine.Failures.Settings;
        foreach (var setting in body.RootElement.EnumerateObject())
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
                    LoadFactor => ReadFactor(setting.Value, factor => latencies = latencies with { FactorUnderLoad = factor }),
                    FailureRate => ReadRate(setting.Value, rate => failures = failures with { RatePercent = rate }),
                    FailureTypes => ReadTypes(setting.Value, kinds => failures = failures with { Kinds = kinds }),
                    _ => $"{setting.Name} cannot be changed; {string.Join(", ", LatencySetting.All.Select(known => known.Name))}, {LoadFactor}, {FailureRate} and {FailureTypes} can.",
                };
            }

            if (mistake is not null)
            {
                return JsonReply.WriteAsync(context, OpenAiError.BadRequest(mistake, setting.Name));
            }
        }

        engine.Timing = keepsProfile && engine.Timing is HardwareTiming hardware ? hardware with { Transfer = latencies.Transfer } : latencies;
        engine.Failures.Settings = failures;
        return GetAsync(context, engine);
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

    private static string? ReadRate(JsonElement value, Action<int> set)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var rate) || rate is < 0 or > 100)
        {
            return $"{FailureRate} must be a whole number from 0 to 100.";
        }

        set(rate);
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
