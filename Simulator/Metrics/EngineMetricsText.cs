using System.Buffers;
using System.Globalization;
using LlmdAspire.EngineModel;
using LlmdAspire.EngineModel.Metrics;
using LlmdAspire.Protocols.Prometheus;
using LlmdAspire.Simulator.Engines;

namespace LlmdAspire.Simulator.Metrics;

/// <summary>An engine's metrics under vLLM's names and labels.</summary>
internal sealed class EngineMetricsText
{
    // The rank; there is one until data parallelism is simulated.
    private const string Rank = "0";

    private readonly PrometheusTextWriter _text;
    private readonly MetricLabel[] _labels;

    private EngineMetricsText(IBufferWriter<byte> output, ServedEngine engine)
    {
        _text = new PrometheusTextWriter(output);
        _labels = [new("model_name", engine.Name), new("engine", Rank)];
    }

    /// <summary>Writes every family.</summary>
    public static void Write(IBufferWriter<byte> output, ServedEngine engine)
    {
        var text = new EngineMetricsText(output, engine);
        _ = engine.Engine.Read((load, metrics) =>
        {
            text.WriteLoad(load);
            text.WriteCounters(metrics);
            text.WriteHistograms(metrics);
            return true;
        });
        text.WriteCacheConfiguration(engine.Options);
    }

    private void WriteLoad(EngineLoad load)
    {
        Gauge("vllm:num_requests_running", "Requests in the running batch.", load.Running);
        Gauge("vllm:num_requests_waiting", "Requests that wait to be scheduled.", load.Waiting);
        Gauge("vllm:kv_cache_usage_perc", "Share of the KV cache in use, from 0 to 1.", load.CacheUsage);
    }

    private void WriteCounters(EngineMetrics metrics)
    {
        Counter("vllm:prompt_tokens_total", "Prompt tokens computed.", metrics.PromptTokens);
        Counter("vllm:generation_tokens_total", "Tokens generated.", metrics.GenerationTokens);
        // Zero while no prefix is cached and nothing is ever preempted; present because routers and dashboards ask for them.
        Counter("vllm:prefix_cache_queries_total", "Prompt tokens looked up in the prefix cache.", 0);
        Counter("vllm:prefix_cache_hits_total", "Prompt tokens found in the prefix cache.", 0);
        Counter("vllm:num_preemptions_total", "Requests that lost their place in the batch.", 0);
        const string Success = "vllm:request_success_total";
        _text.WriteFamily(Success, MetricType.Counter, "Requests that ended, by reason.");
        foreach (var (reason, name) in new[]
        {
            (FinishReason.Stop, "stop"), (FinishReason.Length, "length"), (FinishReason.Abort, "abort"),
        })
        {
            _text.WriteSample(Success, [.. _labels, new("finished_reason", name)], metrics.Finished(reason));
        }
    }

    private void WriteHistograms(EngineMetrics metrics)
    {
        Histogram("vllm:time_to_first_token_seconds", "From arrival to the first token.", metrics.TimeToFirstToken);
        Histogram("vllm:inter_token_latency_seconds", "Between two tokens of a request.", metrics.InterTokenLatency);
        Histogram("vllm:request_time_per_output_token_seconds", "Mean time between the tokens of a request.", metrics.TimePerOutputToken);
        Histogram("vllm:e2e_request_latency_seconds", "From arrival to the last token.", metrics.EndToEnd);
        Histogram("vllm:request_queue_time_seconds", "Time spent waiting.", metrics.Queue);
        Histogram("vllm:request_inference_time_seconds", "Time spent running.", metrics.Inference);
        Histogram("vllm:request_prefill_time_seconds", "Time spent in prefill.", metrics.Prefill);
        Histogram("vllm:request_decode_time_seconds", "Time spent in decode.", metrics.Decode);
        Histogram("vllm:request_prompt_tokens", "Prompt tokens of a request.", metrics.PromptLength);
        Histogram("vllm:request_generation_tokens", "Generated tokens of a request.", metrics.GenerationLength);
        Histogram("vllm:request_params_max_tokens", "Token limit of a request.", metrics.MaxTokensAsked);
    }

    private void WriteCacheConfiguration(EngineOptions options)
    {
        const string Name = "vllm:cache_config_info";
        _text.WriteFamily(Name, MetricType.Gauge, "The KV cache's configuration, as labels.");
        _text.WriteSample(
            Name,
            [
                new("block_size", options.BlockSize.ToString(CultureInfo.InvariantCulture)),
                new("cache_dtype", "auto"),
                new("enable_prefix_caching", "False"),
                new("num_gpu_blocks", options.Blocks.ToString(CultureInfo.InvariantCulture)),
                new("engine", Rank),
            ],
            1);
    }

    private void Gauge(string name, string help, double value)
    {
        _text.WriteFamily(name, MetricType.Gauge, help);
        _text.WriteSample(name, _labels, value);
    }

    private void Counter(string name, string help, double value)
    {
        _text.WriteFamily(name, MetricType.Counter, help);
        _text.WriteSample(name, _labels, value);
    }

    private void Histogram(string name, string help, Histogram histogram)
    {
        _text.WriteFamily(name, MetricType.Histogram, help);
        _text.WriteHistogram(name, _labels, histogram.Bounds, histogram.Counts, histogram.Sum);
    }
}
