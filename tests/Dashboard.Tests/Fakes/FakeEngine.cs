using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Dashboard.Tests.Fakes;

/// <summary>An engine that has only metrics, in vLLM's names, with numbers a test can change while it runs.</summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private FakeServer _server = null!;

    public string Url => _server.Url;

    public int Running { get; set; }

    public int Waiting { get; set; }

    public double KvCacheUsage { get; set; }

    public double GenerationTokens { get; set; }

    public double PrefixQueries { get; set; }

    public double PrefixHits { get; set; }

    /// <summary>Observations up to 0.1 s, up to 1 s, and above.</summary>
    public (int Fast, int Slow, int Endless) FirstTokens { get; set; }

    public int MetricsReads { get; private set; }

    public static async Task<FakeEngine> StartAsync()
    {
        var engine = new FakeEngine();
        engine._server = await FakeServer.StartAsync(app => app.MapGet("/metrics", () => Results.Text(engine.Metrics(), "text/plain; version=0.0.4")));
        return engine;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private string Metrics()
    {
        MetricsReads++;
        const string Labels = """engine="0",model_name="demo/model" """;
        var (fast, slow, endless) = FirstTokens;
        return string.Create(CultureInfo.InvariantCulture, $$"""
            # HELP vllm:num_requests_running Requests that run.
            # TYPE vllm:num_requests_running gauge
            vllm:num_requests_running{{{Labels}}} {{Running}}
            vllm:num_requests_waiting{{{Labels}}} {{Waiting}}
            vllm:kv_cache_usage_perc{{{Labels}}} {{KvCacheUsage}}
            vllm:generation_tokens_total{{{Labels}}} {{GenerationTokens}}
            vllm:prompt_tokens_total{{{Labels}}} {{PrefixQueries}}
            vllm:prefix_cache_queries_total{{{Labels}}} {{PrefixQueries}}
            vllm:prefix_cache_hits_total{{{Labels}}} {{PrefixHits}}
            vllm:request_success_total{{{Labels}},finished_reason="stop"} {{fast + slow}}
            vllm:time_to_first_token_seconds_bucket{{{Labels}},le="0.1"} {{fast}}
            vllm:time_to_first_token_seconds_bucket{{{Labels}},le="1"} {{fast + slow}}
            vllm:time_to_first_token_seconds_bucket{{{Labels}},le="+Inf"} {{fast + slow + endless}}
            vllm:inter_token_latency_seconds_bucket{{{Labels}},le="0.025"} {{fast * 20}}
            vllm:inter_token_latency_seconds_bucket{{{Labels}},le="0.05"} {{(fast + slow) * 20}}
            vllm:inter_token_latency_seconds_bucket{{{Labels}},le="+Inf"} {{(fast + slow) * 20}}

            """);
    }
}
