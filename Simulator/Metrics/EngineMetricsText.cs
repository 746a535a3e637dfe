using System.Buffers;
using System.Globalization;
using LlmdAspire.EngineModel;
using LlmdAspire.EngineModel.Metrics;
using LlmdAspire.Protocols.Prometheus;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Lora;

namespace LlmdAspire.Simulator.Metrics;

/// <summary>An engine's metrics under vLLM's names and labels, a series for each rank.</summary>
/// <remarks>Each rank is read for each family by itself, so numbers of two families may be a step apart.</remarks>
internal sealed partial class EngineMetricsText
{
    private static readonly (FinishReason Reason, string Name)[] s_reasons =
        [(FinishReason.Stop, "stop"), (FinishReason.Length, "length"), (FinishReason.Abort, "abort")];

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
        text.WriteSleep(engine);
        if (engine.Face.IsLoraEnabled)
        {
            text.WriteAdapters(engine);
        }

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

        const string Waiting = "vllm:num_requests_waiting_by_reason";
        _text.WriteFamily(Waiting, MetricType.Gauge, "Requests that wait, by what they wait for.");
        foreach (var (engine, labels) in _ranks)
        {
            var (capacity, deferred) = engine.WaitingByReason;
            _text.WriteSample(Waiting, [.. labels, new("reason", "capacity")], capacity);
            _text.WriteSample(Waiting, [.. labels, new("reason", "deferred")], deferred);
        }
    }

    private void WriteCounters()
    {
        // A text model looks nothing up here; the families are there all the same, as in vLLM.
        Counter("vllm:mm_cache_queries_total", "Pictures and sounds looked up in their cache.", _ => 0);
        Counter("vllm:mm_cache_hits_total", "Pictures and sounds found there.", _ => 0);
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
            foreach (var (reason, name) in s_reasons)
            {
                _text.WriteSample(Name, [.. labels, new("finished_reason", name)], engine.Read((_, metrics) => metrics.Finished(reason)));
            }

            // These never come here.
            _text.WriteSample(Name, [.. labels, new("finished_reason", "error")], 0);
            _text.WriteSample(Name, [.. labels, new("finished_reason", "repetition")], 0);
            if (engine.Read((_, metrics) => metrics.Finished(FinishReason.CacheThreshold)) is > 0 and var unstarted)
            {
                _text.WriteSample(Name, [.. labels, new("finished_reason", "cache_threshold")], unstarted);
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
        Histogram("vllm:request_max_num_generation_tokens", "Most tokens that any choice of a request has generated.", metrics => metrics.GenerationLength);
        Histogram("vllm:request_params_max_tokens", "Token limit of a request.", metrics => metrics.MaxTokensAsked);
        Histogram("vllm:request_params_n", "Choices that a request asked for.", metrics => metrics.ChoicesAsked);
    }

    private void WriteSleep(ServedEngine served)
    {
        const string Name = "vllm:engine_sleep_state";
        _text.WriteFamily(Name, MetricType.Gauge, "1 for the state the engine is in.");
        foreach (var (_, labels) in _ranks)
        {
            foreach (var state in (ReadOnlySpan<string>)["awake", "weights_offloaded", "discard_all"])
            {
                _text.WriteSample(Name, [.. labels, new("sleep_state", state)], state == served.Face.Sleep.Name ? 1 : 0);
            }
        }
    }

    /// <summary>One series for all ranks, as the metric has no label for them.</summary>
    private void WriteAdapters(ServedEngine served)
    {
        var all = _ranks.Select(rank => rank.Engine.Adapters).ToArray();
        var (running, waiting) = (all.SelectMany(rank => rank.Running).Distinct(), all.SelectMany(rank => rank.Waiting).Distinct());
        var now = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds;
        WriteAdapters(_text, served, [new LoraMoment(string.Join(',', running), string.Join(',', waiting), now)]);
    }

    /// <summary>Writes the family with a series for each moment.</summary>
    internal static void WriteAdapters(PrometheusTextWriter text, ServedEngine served, IEnumerable<LoraMoment> moments)
    {
        const string Name = "vllm:lora_requests_info";
        text.WriteFamily(Name, MetricType.Gauge, "Adapters that run and that are waited for; the value is the time.");
        foreach (var moment in moments)
        {
            text.WriteSample(
                Name,
                [new("max_lora", served.Face.MostLoras.ToString(CultureInfo.InvariantCulture)), new("waiting_lora_adapters", moment.Waiting), new("running_lora_adapters", moment.Running)],
                moment.Time);
        }
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

    private void WriteCacheConfiguration(EngineOptions options) => WriteCacheConfiguration(_text, options, _ranks.Length);

    internal static void WriteCacheConfiguration(PrometheusTextWriter text, EngineOptions options, int ranks)
    {
        const string Name = "vllm:cache_config_info";
        text.WriteFamily(Name, MetricType.Gauge, "The KV cache's configuration, as labels.");
        for (var rank = 0; rank < ranks; rank++)
        {
            text.WriteSample(
                Name,
                [
                    new("block_size", options.BlockSize.ToString(CultureInfo.InvariantCulture)),
                    new("cache_dtype", "auto"),
                    new("enable_prefix_caching", options.PrefixHasher is null ? "False" : "True"),
                    new("gpu_memory_utilization", "0.9"),
                    new("is_attention_free", "False"),
                    new("num_cpu_blocks", "None"),
                    new("num_gpu_blocks", options.Blocks.ToString(CultureInfo.InvariantCulture)),
                    new("num_gpu_blocks_override", "None"),
                    new("sliding_window", "None"),
                    RankLabel(rank),
                ],
                1);
        }
    }

    internal static MetricLabel RankLabel(int rank) => new("engine", rank.ToString(CultureInfo.InvariantCulture));
}
