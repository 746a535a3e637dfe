using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LlmdAspire.Bench.Results;

/// <summary>Writes a result as the JSON object that <c>vllm bench serve</c> saves: the same keys in the same order.</summary>
internal static class ResultJson
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="result">What to write.</param>
    /// <param name="isDetailed">Whether each request is told too.</param>
    public static ReadOnlyMemory<byte> Write(BenchmarkResult result, bool isDetailed)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, s_options))
        {
            json.WriteStartObject();
            WriteSetup(json, result);
            WriteFigures(json, result, isDetailed);
            WriteRateChanges(json, result.RampUp);
            WriteLatencies(json, result);
            // Our own keys stand behind all that others know.
            if (isDetailed)
            {
                WriteList(json, "latencies", result.Outcomes.Select(outcome => outcome.Latency));
            }

            if (result.IsInterrupted)
            {
                json.WriteBoolean("interrupted", true);
            }

            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    /// <summary>20260131-093015, as in files' names.</summary>
    public static string DateText(DateTimeOffset date) => date.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);

    private static void WriteSetup(Utf8JsonWriter json, BenchmarkResult result)
    {
        json.WriteString("date", DateText(result.Date));
        json.WriteString("endpoint_type", result.Backend);
        json.WriteString("backend", result.Backend);
        json.WriteString("label", result.Label);
        json.WriteString("model_id", result.ModelId);
        json.WriteString("tokenizer_id", result.TokenizerId);
        json.WriteNumber("num_prompts", result.NumPrompts);
        foreach (var (name, value) in result.Metadata)
        {
            json.WriteString(name, value);
        }

        WriteNumber(json, "request_rate", result.RequestRate);
        WriteNumber(json, "burstiness", result.Burstiness);
        WriteWhole(json, "max_concurrency", result.MaxConcurrency);
        if (result.RampUp is { } rampUp)
        {
            json.WriteString("ramp_up_strategy", rampUp.Strategy);
            json.WriteNumber("ramp_up_start_rps", rampUp.StartRate);
            json.WriteNumber("ramp_up_end_rps", rampUp.EndRate);
        }
    }

    private static void WriteFigures(Utf8JsonWriter json, BenchmarkResult result, bool isDetailed)
    {
        var metrics = result.Metrics;
        WriteNumber(json, "duration", metrics.Duration);
        json.WriteNumber("completed", metrics.Completed);
        json.WriteNumber("failed", metrics.Failed);
        json.WriteNumber("total_input_tokens", metrics.InputTokens);
        json.WriteNumber("total_output_tokens", metrics.OutputTokens);
        WriteNumber(json, "request_throughput", metrics.RequestThroughput);
        if (result.Options.Goodput.IsAsked)
        {
            WriteNumber(json, "request_goodput", metrics.RequestGoodput);
        }
        else
        {
            json.WriteNull("request_goodput");
        }

        WriteNumber(json, "output_throughput", metrics.OutputThroughput);
        WriteNumber(json, "total_token_throughput", metrics.TotalThroughput);
        if (isDetailed)
        {
            WriteDetails(json, result);
        }

        WriteNumber(json, "max_output_tokens_per_s", metrics.Peaks.Chunks);
        json.WriteNumber("max_concurrent_requests", metrics.Peaks.Requests);
        // Of audio, which there is none.
        WriteNumber(json, "rtfx", 0);
    }

    private static void WriteDetails(Utf8JsonWriter json, BenchmarkResult result)
    {
        WriteArray(json, "input_lens", result.Outcomes, outcome => json.WriteNumberValue(outcome.InputTokens));
        WriteArray(json, "output_lens", result.Outcomes, outcome => json.WriteNumberValue(outcome.Success ? outcome.OutputTokens : 0));
        WriteList(json, "ttfts", result.Outcomes.Select(outcome => outcome.TimeToFirstToken));
        WriteArray(json, "itls", result.Outcomes, outcome => WriteValues(json, outcome.InterTokenLatencies));
        WriteList(json, "start_times", result.Outcomes.Select(outcome => outcome.StartTime));
        WriteArray(json, "generated_texts", result.Outcomes, outcome => json.WriteStringValue(outcome.Text));
        WriteArray(json, "errors", result.Outcomes, outcome => json.WriteStringValue(outcome.Error));
    }

    private static void WriteRateChanges(Utf8JsonWriter json, RampUpReport? rampUp)
    {
        if (rampUp is null)
        {
            return;
        }

        WriteArray(json, "rps_change_events", rampUp.Changes, change =>
        {
            json.WriteStartObject();
            json.WriteNumber("rps", change.Rate);
            json.WriteString("timestamp", change.At.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        });
    }

    private static void WriteLatencies(Utf8JsonWriter json, BenchmarkResult result)
    {
        foreach (var metric in result.Options.Metrics)
        {
            var values = metric.Of(result.Metrics);
            WriteNumber(json, $"mean_{metric.Key}_ms", values.Mean * 1000);
            WriteNumber(json, $"median_{metric.Key}_ms", values.Median * 1000);
            WriteNumber(json, $"std_{metric.Key}_ms", values.Deviation * 1000);
            foreach (var percentile in result.Options.Percentiles)
            {
                WriteNumber(json, $"p{LatencyMetric.Word(percentile)}_{metric.Key}_ms", values.Percentile(percentile) * 1000);
            }
        }
    }

    private static void WriteArray<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            write(item);
        }

        json.WriteEndArray();
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<double> values)
    {
        json.WritePropertyName(name);
        WriteValues(json, values);
    }

    private static void WriteValues(Utf8JsonWriter json, IEnumerable<double> values)
    {
        json.WriteStartArray();
        foreach (var value in values)
        {
            WriteValue(json, value);
        }

        json.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        WriteValue(json, value);
    }

    // JSON has no infinity: "inf" is a text, as vLLM writes an unlimited request rate.
    private static void WriteValue(Utf8JsonWriter json, double value)
    {
        var text = PythonNumber.Repr(value);
        if (double.IsFinite(value))
        {
            json.WriteRawValue(text, skipInputValidation: true);
        }
        else
        {
            json.WriteStringValue(text);
        }
    }

    private static void WriteWhole(Utf8JsonWriter json, string name, int? value)
    {
        if (value is null)
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteNumber(name, value.Value);
        }
    }
}
