using System.Text.Json;
using LlmdAspire.EngineModel;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Failures;
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

    public static Task GetAsync(HttpContext context, ServedEngine engine) => JsonReply.WriteAsync(context, json => Write(json, engine));

    /// <summary>Changes what the body names and leaves the rest; nothing changes when any value is wrong.</summary>
    public static Task PostAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var latencies = engine.Latencies;
        var failures = engine.Failures.Settings;
        foreach (var setting in body.RootElement.EnumerateObject())
        {
            var mistake = setting.Name switch
            {
                FirstToken => ReadDuration(setting, value => latencies = latencies with { TimeToFirstToken = value }),
                PrefillPerToken => ReadDuration(setting, value => latencies = latencies with { PrefillTimePerToken = value }),
                InterToken => ReadDuration(setting, value => latencies = latencies with { InterTokenLatency = value }),
                Transfer => ReadDuration(setting, value => latencies = latencies with { TransferLatency = value }),
                TransferPerToken => ReadDuration(setting, value => latencies = latencies with { TransferTimePerToken = value }),
                FailureRate => ReadRate(setting.Value, rate => failures = failures with { RatePercent = rate }),
                FailureTypes => ReadTypes(setting.Value, kinds => failures = failures with { Kinds = kinds }),
                _ => $"{setting.Name} cannot be changed; {FirstToken}, {PrefillPerToken}, {InterToken}, {Transfer}, {TransferPerToken}, {FailureRate} and {FailureTypes} can.",
            };
            if (mistake is not null)
            {
                return JsonReply.WriteAsync(context, OpenAiError.BadRequest(mistake, setting.Name));
            }
        }

        engine.Latencies = latencies;
        engine.Failures.Settings = failures;
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
