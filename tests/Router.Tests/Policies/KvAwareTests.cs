using System.Globalization;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Policies.Prefixes;
using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.Endpoints;
using LlmdAspire.Serving.KvIndex;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Router.Tests.Policies;

/// <summary><c>kv_aware</c> with a KvIndexer that knows, that is late, that is away.</summary>
public sealed class KvAwareTests
{
    private static readonly string s_prompt = string.Concat(Enumerable.Repeat("some words ", 100));

    [Fact]
    public void Choose_TheIndexKnows_ItsBestIsTakenWhateverWasSentWhere()
    {
        var policy = new KvAwarePolicy(new(), TimeProvider.System);
        var workers = Fleet.Of(4);
        var request = Fleet.Completion(s_prompt);
        _ = policy.Ask(Held(request, (workers[0], 2)), workers);

        var (worker, choice, scores) = policy.Ask(Held(request, (workers[0], 2), (workers[2], 3)), workers);

        Assert.Equal((workers[2], PolicyOutcome.PrefixHeld), (worker, choice.Outcome));
        Assert.Equal([0.5f, 0, 0.75f, 0], scores);
        Assert.Contains("says the KvIndexer", choice.Reason);
    }

    [Fact]
    public void Choose_TheIndexKnowsNobody_GoesByLoad()
    {
        var policy = new KvAwarePolicy(new(), TimeProvider.System);
        var workers = Fleet.Of(3);
        Fleet.Load(workers[0], 1);
        Fleet.Load(workers[1], 1);

        Assert.Equal((workers[2], PolicyOutcome.PrefixUnknown), (policy.Ask(Held(Fleet.Completion(s_prompt), (workers[0], 1)), workers).Worker, policy.Ask(Held(Fleet.Completion(s_prompt)), workers).Choice.Outcome));
    }

    [Fact]
    public void Choose_LoadsOutOfBalance_GoesByLoad()
    {
        var policy = new KvAwarePolicy(new() { BalanceAbsolute = 2 }, TimeProvider.System);
        var workers = Fleet.Of(2);
        Fleet.Load(workers[0], 3);

        Assert.Equal((workers[1], PolicyOutcome.Rebalanced), policy.Ask(Held(Fleet.Completion(s_prompt), (workers[0], 4)), workers) is var (worker, choice, _) ? (worker, choice.Outcome) : default);
    }

    [Fact]
    public void Choose_IndexFallsSilent_GoesWhereThePromptWasSentWhileItSpoke()
    {
        var policy = new KvAwarePolicy(new(), TimeProvider.System);
        var workers = Fleet.Of(4);
        var request = Fleet.Completion(s_prompt);
        var home = policy.Ask(Held(request, (workers[3], 4)), workers).Worker;

        var (worker, choice, _) = policy.Ask(request with { Held = new(null, "timeout") }, workers);

        Assert.Equal((home, PolicyOutcome.PrefixHeld), (worker, choice.Outcome));
        Assert.Equal("the KvIndexer gave no answer (timeout), so by what was sent where: holds the longest known beginning of the prompt", choice.Reason);
    }

    [Fact]
    public async Task Indexer_OfRunningEngines_DecidesByWhatTheyHold()
    {
        await using var first = await RunningEngine.StartAsync();
        await using var second = await RunningEngine.StartAsync();
        await using var program = ChildProgram.Start(
            Assembly.Load("LlmdAspire.KvIndexer"), ["--port", "0", "--engine", first.ForIndexer, "--engine", second.ForIndexer]);
        using var indexer = new HttpClient { BaseAddress = await program.WaitForUrlAsync() };
        await using var router = await RunningRouter.StartAsync(
            [first.Url, second.Url], "--policy", "kv_aware", "--kv-indexer", indexer.BaseAddress.ToString(), "--kv-indexer-deadline", "60s", "--kv-indexer-tokenize-deadline", "60s");
        var homes = new Dictionary<string, string> { ["alpha "] = first.Url, ["beta "] = second.Url };

        await Eventually.TrueAsync(
            async () => (await indexer.GetFromJsonAsync<JsonElement>("/v1/endpoints")).EnumerateArray().Count(endpoint => endpoint.GetProperty("connected").GetBoolean()) == 2,
            "the index follows both engines");

        // Each engine computes a prompt that the router never saw.
        foreach (var (word, home) in homes)
        {
            using var engine = new HttpClient();
            using var answer = await engine.PostAsync(home + "/v1/completions", JsonContent.Create(Ask(word)));
            Assert.True(answer.IsSuccessStatusCode);
        }

        foreach (var (word, home) in homes)
        {
            await Eventually.TrueAsync(async () => (await ScoresAsync(indexer, word)).Contains(home), $"the index knows that {home} holds the prompt");
            var answer = await router.CompleteAsync(JsonSerializer.Serialize(Ask(word)));
            var why = await router.GetJsonAsync("/explain/" + answer.Headers.GetValues("x-request-id").Single());

            Assert.Equal(home, answer.Headers.GetValues("x-llmd-endpoint").Single());
            Assert.Equal("holds the most of the prompt, says the KvIndexer", why.GetProperty("reason").GetString());
        }
    }

    [Fact]
    public async Task LateIndexer_IsNotWaitedFor()
    {
        var over = new TaskCompletionSource();
        await using var indexer = await ScriptedEngine.StartAsync((_, _) => over.Task);

        await WithoutIndexAsync(indexer.Url, "timeout");
        over.SetResult();
    }

    [Fact]
    public async Task IndexerThatTalksNonsense_IsNotBelieved()
    {
        await using var indexer = await ScriptedEngine.StartAsync((context, _) => context.Response.WriteAsync("{\"matches\":7}"));

        await WithoutIndexAsync(indexer.Url, "error", "--kv-indexer-tokenize-deadline", "60s");
    }

    [Fact]
    public Task IndexerAway_CostsTheClientNothing() => WithoutIndexAsync($"http://127.0.0.1:{TestPorts.Free()}", "unavailable", "--kv-indexer-tokenize-deadline", "60s");

    private static async Task WithoutIndexAsync(string indexer, string failure, params string[] more)
    {
        await using var first = await ScriptedEngine.StartAsync();
        await using var second = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync([first.Url, second.Url], ["--policy", "kv_aware", "--kv-indexer", indexer, .. more]);
        var homes = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            using var answer = await router.CompleteAsync($$"""{"model":"test-model","prompt":"{{s_prompt}}"}""");
            Assert.True(answer.IsSuccessStatusCode);
            homes.Add(answer.Headers.GetValues("x-llmd-endpoint").Single());
            var why = await router.GetJsonAsync("/explain/" + answer.Headers.GetValues("x-request-id").Single());
            Assert.StartsWith($"the KvIndexer gave no answer ({failure}), so by what was sent where: ", why.GetProperty("reason").GetString());
        }

        _ = Assert.Single(homes);
        Assert.Contains($"llmd_router_indexer_fallback_total{{reason=\"{failure}\"}} 3", await router.Client.GetStringAsync("/metrics"));
    }

    private static RoutingRequest Held(RoutingRequest request, params (Worker Worker, int Blocks)[] held) =>
        request with { Held = new(new ScoreReply(16, 64, 4, [.. held.Select(one => new ScoreMatch(one.Worker.Id, one.Blocks, one.Blocks))]), null) };

    private static object Ask(string word) => new { model = "test-model", prompt = string.Concat(Enumerable.Repeat(word, 100)), max_tokens = 1 };

    private static async Task<string> ScoresAsync(HttpClient indexer, string word)
    {
        using var answer = await indexer.PostAsync("/v1/score", JsonContent.Create(Ask(word)));
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>A simulated engine that publishes its events.</summary>
    private sealed class RunningEngine : IAsyncDisposable
    {
        private readonly ChildProgram _program;

        private RunningEngine(ChildProgram program, string url, int events) => (_program, Url, ForIndexer) = (program, url, $"{url},events=tcp://127.0.0.1:{events},model=test-model");

        public string Url { get; }

        public string ForIndexer { get; }

        public static async Task<RunningEngine> StartAsync()
        {
            // An address without a star would be connected to, as in vLLM.
            var events = TestPorts.Free();
            var config = JsonSerializer.Serialize(new { enable_kv_cache_events = true, publisher = "zmq", endpoint = string.Create(CultureInfo.InvariantCulture, $"tcp://*:{events}") });
            var program = ChildProgram.Start(
                Assembly.Load("LlmdAspire.Simulator"),
                ["--port", "0", "--model", "test-model", "--kv-events-config", config, "--time-to-first-token", "1ms", "--inter-token-latency", "1ms"]);
            return new(program, (await program.WaitForUrlAsync()).GetLeftPart(UriPartial.Authority), events);
        }

        public ValueTask DisposeAsync() => _program.DisposeAsync();
    }
}
