using System.Buffers;
using System.Globalization;
using LlmdAspire.EngineModel;
using LlmdAspire.EngineModel.Metrics;
using LlmdAspire.Protocols.Prometheus;
using LlmdAspire.Simulator.Engines;

namespace LlmdAspire.Simulator.Metrics;

/// <summary>An engine's metrics under vLLM's names and labels, a series for each rank.</summary>
/// <remarks>Each rank is read for each family by itself, so numbers of two families may be a step apart.</remarks>
internal sealed partial class EngineMetricsText
{
    private readonly PrometheusTextWriter _text;
    private readonly (Engine Engine, MetricLabel[] Labels)[] _ranks;

    private EngineMetricsText(IBufferWriter<byte> output, ServedEngine engine)
    {
        _text = new PrometheusTextWriter(output);
        _ranks = [.. engine.Ranks.Select(rank => (rank.Engine, (MetricLabel[])[new("model_name", engine.Name), RankLabel(rank.Index)]))];
    }

    /// <summary>Writes every family.</summary>
    public static void Write(IBufferWriter<byte> output, ServedEngine engine)
    {
        var text = new EngineMetricsText(output, engine);
        text.WriteLoad();
        text.WriteCounters();
        text.WritePromptSources();
        text.WriteFinished();
        text.WriteHistograms();
        if (engine.Transfer is not null)
        {
            text.WriteTransfers();
        }

        text.WriteCacheConfiguration(engine.Options);
    }

    private void WriteLoad()
    {
        Gauge("vllm:num_requests_running", "Requests in the running batch.", load => load.Running);
        Gauge("vllm:num_requests_waiting", "Requests that wait to be scheduled.", load => load.Waiting);
        Gauge("vllm:kv_cache_usage_perc", "Share of the KV cache in use, from 0 to 1.", load => load.CacheUsage);
    }

    private void WriteCounters()
    {
        Counter("vllm:prompt_tokens_total", "Prompt tokens of the requests that were prefilled.", metrics => metrics.PromptTokens);
        Counter("vllm:prompt_tokens_cached_total", "Those of them that were cached here or elsewhere.", metrics => metrics.PromptTokensCached + metrics.PromptTokensCopied);
        Counter("vllm:generation_tokens_total", "Tokens generated.", metrics => metrics.GenerationTokens);
        Counter("vllm:prefix_cache_queries_total", "Prompt tokens looked up in the prefix cache.", metrics => metrics.PrefixQueries);
        Counter("vllm:prefix_cache_hits_total", "Prompt tokens found in the prefix cache.", metrics => metrics.PrefixHits);
        Counter("vllm:num_preemptions_total", "Requests that lost their place in the batch.", metrics => metrics.Preemptions);
    }

    private void WritePromptSources()
    {
        const string Name = "vllm:prompt_tokens_by_source_total";
        _text.WriteFamily(Name, MetricType.Counter, "Prompt tokens, by where their KV content came from.");
        foreach (var (engine, labels) in _ranks)
        {
            var (computed, cached, copied) = engine.Read((_, metrics) => (metrics.PromptTokensComputed, metrics.PromptTokensCached, metrics.PromptTokensCopied));
            _text.WriteSample(Name, [.. labels, new("source", "local_compute")], computed);
            _text.WriteSample(Name, [.. labels, new("source", "local_cache_hit")], cached);
            _text.WriteSample(Name, [.. labels, new("source", "external_kv_transfer")], copied);
        }
    }

    private void WriteFinished()
    {
        const string Name = "vllm:request_success_total";
        _text.WriteFamily(Name, MetricType.Counter, "Requests that ended, by reason.");
        foreach (var (engine, labels) in _ranks)
        {
            foreach (var (reason, name) in new[] { (FinishReason.Stop, "stop"), (FinishReason.Length, "length"), (FinishReason.Abort, "abort") })
            {
                _text.WriteSample(Name, [.. labels, new("finished_reason", name)], engine.Read((_, metrics) => metrics.Finished(reason)));
            }
        }
    }

    private void WriteHistograms()
    {
        Histogram("vllm:time_to_first_token_seconds", "From arrival to the first token.", metrics => metrics.TimeToFirstToken);
        Histogram("vllm:inter_token_latency_seconds", "Between two tokens of a request.", metrics => metrics.InterTokenLatency);
        Histogram("vllm:request_time_per_output_token_seconds", "Mean time between the tokens of a request.", metrics => metrics.TimePerOutputToken);
        Histogram("vllm:e2e_request_latency_seconds", "From arrival to the last token.", metrics => metrics.EndToEnd);
        Histogram("vllm:request_queue_time_seconds", "Time spent waiting.", metrics => metrics.Queue);
        Histogram("vllm:request_inference_time_seconds", "Time spent running.", metrics => metrics.Inference);
        Histogram("vllm:request_prefill_time_seconds", "Time spent in prefill.", metrics => metrics.Prefill);
        Histogram("vllm:request_decode_time_seconds", "Time spent in decode.", metrics => metrics.Decode);
        Histogram("vllm:request_prompt_tokens", "Prompt tokens of a request.", metrics => metrics.PromptLength);
        Histogram("vllm:request_generation_tokens", "Generated tokens of a request.", metrics => metrics.GenerationLength);
        Histogram("vllm:request_prefill_kv_computed_tokens", "Prompt tokens of a request that were computed here.", metrics => metrics.PromptComputed);
        Histogram("vllm:iteration_tokens_total", "Tokens of an engine step: of the prompts it finished and those that came out.", metrics => metrics.IterationTokens);
        Histogram("vllm:request_params_max_tokens", "Token limit of a request.", metrics => metrics.MaxTokensAsked);
    }

    private void WriteTransfers()
    {
        Counter("vllm:external_prefix_cache_queries_total", "Prompt tokens not cached here that another engine might have.", metrics => metrics.ExternalQueries);
        Counter("vllm:external_prefix_cache_hits_total", "Prompt tokens that another engine had.", metrics => metrics.ExternalHits);
        Histogram("vllm:nixl_xfer_time_seconds", "Time to copy a prompt's KV content.", metrics => metrics.TransferTime);
        Histogram("vllm:nixl_bytes_transferred", "Bytes of a copy.", metrics => metrics.TransferBytes);
        Histogram("vllm:nixl_num_descriptors", "Blocks of a copy.", metrics => metrics.TransferDescriptors);
        Counter("vllm:nixl_num_failed_transfers_total", "Copies that failed, as the other engine was away or had nothing.", metrics => metrics.FailedTransfers);
        Counter("vllm:nixl_num_failed_notifications_total", "Other engines that could not be told to free their blocks.", metrics => metrics.FailedNotifications);
        Counter("vllm:nixl_num_kv_expired_reqs_total", "Requests whose blocks nobody fetched in time.", metrics => metrics.ExpiredExports);
    }

    private void WriteCacheConfiguration(EngineOptions options)
    {
        const string Name = "vllm:cache_config_info";
        _text.WriteFamily(Name, MetricType.Gauge, "The KV cache's configuration, as labels.");
        for (var rank = 0; rank < _ranks.Length; rank++)
        {
            _text.WriteSample(
                Name,
                [
                    new("block_size", options.BlockSize.ToString(CultureInfo.InvariantCulture)),
                    new("cache_dtype", "auto"),
                    new("enable_prefix_caching", options.PrefixHasher is null ? "False" : "True"),
                    new("num_gpu_blocks", options.Blocks.ToString(CultureInfo.InvariantCulture)),
                    RankLabel(rank),
                ],
                1);
        }
    }

    private static MetricLabel RankLabel(int rank) => new("engine", rank.ToString(CultureInfo.InvariantCulture));
}
