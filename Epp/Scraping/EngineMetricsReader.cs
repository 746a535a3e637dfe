using System.Globalization;
using LlmdAspire.Protocols.Prometheus;
using LlmdAspire.Scheduling.Endpoints;

namespace LlmdAspire.Epp.Scraping;

/// <summary>Reads vLLM's metrics text into one load per data-parallel rank.</summary>
internal static class EngineMetricsReader
{
    // Samples without an engine label belong to the whole engine.
    private const int NoRank = -1;

    public static EngineReading Read(ReadOnlySpan<byte> text, long at)
    {
        var ranks = new SortedDictionary<int, EngineLoad>();
        var newestLora = double.NegativeInfinity;
        foreach (var sample in new PrometheusTextReader(text))
        {
            if (!sample.Utf8Name.StartsWith("vllm:"u8))
            {
                continue;
            }

            var rank = RankOf(sample);
            var load = ranks.GetValueOrDefault(rank) ?? EngineLoad.Unknown;
            if (sample.Is("vllm:num_requests_waiting"u8))
            {
                ranks[rank] = load with { Waiting = Count(sample.Value) };
            }
            else if (sample.Is("vllm:num_requests_running"u8))
            {
                ranks[rank] = load with { Running = Count(sample.Value) };
            }
            else if (sample.Is("vllm:kv_cache_usage_perc"u8) || sample.Is("vllm:gpu_cache_usage_perc"u8))
            {
                ranks[rank] = load with { KvUsage = double.IsFinite(sample.Value) ? sample.Value : 0 };
            }
            else if (sample.Is("vllm:cache_config_info"u8))
            {
                ranks[rank] = load with { BlockSize = Number(sample, "block_size"u8), BlockCount = Number(sample, "num_gpu_blocks"u8) };
            }
            else if (sample.Is("vllm:lora_requests_info"u8) && sample.Value >= newestLora)
            {
                // The value is a time; of several series the newest tells what is so now.
                newestLora = sample.Value;
                ranks[rank] = load with
                {
                    MaxLoras = Number(sample, "max_lora"u8),
                    RunningLoras = Names(sample.Label("running_lora_adapters"u8)),
                    WaitingLoras = Names(sample.Label("waiting_lora_adapters"u8)),
                };
            }
        }

        return new EngineReading(ranks.ToDictionary(pair => pair.Key, pair => pair.Value with { ReadAt = at }), at);
    }

    private static int RankOf(PrometheusSample sample)
    {
        foreach (var label in sample.Labels)
        {
            if (label.Utf8Name.SequenceEqual("engine"u8))
            {
                return int.TryParse(label.EscapedUtf8Value, NumberStyles.None, CultureInfo.InvariantCulture, out var rank) ? rank : NoRank;
            }
        }

        return NoRank;
    }

    private static int Count(double value) => value is > 0 and < int.MaxValue ? (int)value : 0;

    private static int Number(PrometheusSample sample, ReadOnlySpan<byte> label) =>
        int.TryParse(sample.Label(label), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;

    private static string[] Names(string? list) =>
        (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
