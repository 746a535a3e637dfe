using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>One default stack for the tests that make its parts fail and see them recover, with bounds small enough to be met.</summary>
public sealed class FaultFixture : IAsyncLifetime
{
    public const int Admitted = 64;
    public const int Queued = 32;
    public const int MaxBodyBytes = 1_000_000;

    private static readonly Dictionary<string, string> s_environment = new()
    {
        ["LLMD_ROUTER_EPP_TIMEOUT"] = "1s",
        ["LLMD_ROUTER_MAX_CONCURRENT_REQUESTS"] = $"{Admitted}",
        ["LLMD_ROUTER_RATE_LIMIT_TOKENS_PER_SECOND"] = "1",
        ["LLMD_ROUTER_QUEUE_SIZE"] = $"{Queued}",
        ["LLMD_ROUTER_MAX_PAYLOAD_SIZE"] = $"{MaxBodyBytes}",
        ["LLMD_KV_INDEXER_STALE_WINDOW"] = "2s",
    };

    private static readonly string[] s_engines = ["prefill-0", "prefill-1", "decode-0", "decode-1"];

    private static readonly string[] s_decodes = ["decode-0", "decode-1"];

    private RunningStack? _stack;

    internal RunningStack Stack => _stack ?? throw new InvalidOperationException("The stack is not started.");

    public async ValueTask InitializeAsync()
    {
        _stack = await RunningStack.StartAsync(s_environment);
        // The first request compiles the picker's path, which on a busy machine takes longer than its second: then the router does without.
        await Eventually.TrueAsync(
            async () =>
            {
                var answer = await Stack.CompleteAsync(Prompts.Tokens(seed: 99, count: 600));
                return ((string)(await Stack.GetAsync("router", $"/explain/{answer.RequestId}"))["reason"]!).Contains("chosen by the endpoint picker", StringComparison.Ordinal);
            },
            "the picker decides");
    }

    public async ValueTask DisposeAsync()
    {
        if (_stack is not null)
        {
            await _stack.DisposeAsync();
        }
    }

    /// <summary>Waits until every part is up, knows of the others and has nothing to do: how each test finds the stack.</summary>
    internal async Task<RunningStack> WholeAsync()
    {
        await Stack.HealthyAsync();
        await ReleaseAsync(s_decodes);
        await IdleAsync();
        await Stack.KnowsEnginesAsync(s_engines.Length);
        return Stack;
    }

    /// <summary>Lets the decode engines take so long for each token that no answer of some hundred ends before <see cref="ReleaseAsync"/>, however busy the machine is.</summary>
    internal Task HoldAsync() => PaceAsync("2s", s_decodes);

    /// <summary>Lets engines go on as fast as the tests can wait for.</summary>
    internal Task ReleaseAsync(params string[] engines) => PaceAsync("5ms", engines);

    /// <summary>Waits until every counter of running work is zero, at the router, the picker and the engines.</summary>
    internal async Task IdleAsync()
    {
        foreach (var metric in new[] { "vllm_router_running_requests", "llmd_router_queued_requests", "llmd_router_buffered_bodies_bytes" })
        {
            await ZeroAsync("router", metric);
        }

        foreach (var metric in new[] { "llm_d_epp_request_running", "llm_d_epp_inflight_requests", "llm_d_epp_inflight_tokens", "llm_d_epp_extproc_streams_inflight" })
        {
            await ZeroAsync("epp", metric);
        }

        foreach (var engine in s_engines)
        {
            await ZeroAsync(engine, "vllm:num_requests_running");
            await ZeroAsync(engine, "vllm:num_requests_waiting");
            await ZeroAsync(engine, "vllm:kv_cache_usage_perc");
        }
    }

    private async Task PaceAsync(string latency, IEnumerable<string> engines) =>
        _ = await Task.WhenAll(engines.Select(engine => Stack.PostAsync(engine, "/admin/config", new JsonObject { ["inter-token-latency"] = latency })));

    private Task ZeroAsync(string resource, string metric) =>
        Eventually.TrueAsync(async () => await Stack.FindMetricAsync(resource, metric) == 0, $"{metric} of {resource} is 0");
}

[CollectionDefinition(nameof(FaultFixture))]
public sealed class FaultGroup : ICollectionFixture<FaultFixture>;
