using LlmdAspire.Epp.Scraping;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Protocols.Health;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Tests.Shared;
using LlmdAspire.Tests.Shared.Kubernetes;

namespace LlmdAspire.Epp.Tests;

/// <summary>The picker over an API server: pool and pods come, change and go.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private const string Body = """{"model":"m","prompt":"hello"}""";

    private static readonly Dictionary<string, string> s_labels = new() { ["app"] = "vllm" };

    private FakeApiServer _server = null!;
    private ScriptedEngine _engine = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync(tls: true);
        _engine = await ScriptedEngine.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Pod_IsPickedOnceItIsReady_AndNoLongerOnceItGoes()
    {
        PutPool(_engine.Port);
        PutPod("one", "127.0.0.1", isReady: false);
        await using var epp = await StartAsync();
        await Eventually.TrueAsync(() => _server.Watches == 3);
        Assert.Equal(503, (await epp.PickAsync(Body)).Immediate!.StatusCode);
        Assert.Equal(ServingStatus.NotServing, await HealthAsync(epp, "readiness"));

        PutPod("one", "127.0.0.1");
        await ReadyAsync(epp, 1);
        Assert.Equal(new Uri(_engine.Url).Authority, (await epp.PickAsync(Body)).Metadata());
        Assert.Equal(ServingStatus.Serving, await HealthAsync(epp, "readiness"));

        _server.Cluster.Put(ClusterKind.Pod, "llm", "one", ClusterObjects.Pod("127.0.0.1", s_labels, isDeleting: true));
        await ReadyAsync(epp, 0);
        Assert.Equal(503, (await epp.PickAsync(Body)).Immediate!.StatusCode);
        // An empty pool has an answer of its own, so the picker is to be asked.
        Assert.Equal(ServingStatus.Serving, await HealthAsync(epp, "readiness"));
    }

    [Fact]
    public async Task PoolThatIsNotThere_IsWaitedFor()
    {
        PutPod("one", "127.0.0.1");
        await using var epp = await StartAsync();
        await Eventually.TrueAsync(() => _server.Watches == 2);
        foreach (var name in (string[])["", "readiness", "inference-extension", "envoy.service.ext_proc.v3.ExternalProcessor"])
        {
            Assert.Equal(ServingStatus.NotServing, await HealthAsync(epp, name));
        }

        Assert.Equal(ServingStatus.Serving, await HealthAsync(epp, "liveness"));
        Assert.Equal(503, (await epp.PickAsync(Body)).Immediate!.StatusCode);
        var health = await epp.Http.GetAsync("/health");
        Assert.Equal((503, "Unhealthy\nendpoints: InferencePool llm/pool of inference.networking.k8s.io is not there\n"), ((int)health.StatusCode, await health.Content.ReadAsStringAsync()));

        PutPool(_engine.Port);
        await ReadyAsync(epp, 1);
        Assert.True((await epp.Http.GetAsync("/health")).IsSuccessStatusCode);

        _server.Cluster.Delete(ClusterKind.InferencePool, "llm", "pool");
        await ReadyAsync(epp, 0);
        Assert.Equal(ServingStatus.NotServing, await HealthAsync(epp, "readiness"));
    }

    [Fact]
    public async Task SelectorAndPortsOfThePool_AreFollowed()
    {
        await using var other = await ScriptedEngine.StartAsync();
        PutPool(_engine.Port);
        PutPod("one", "127.0.0.1");
        _server.Cluster.Put(ClusterKind.Pod, "llm", "two", ClusterObjects.Pod("127.0.0.1", new Dictionary<string, string> { ["app"] = "other" }));
        await using var epp = await StartAsync();
        await EndpointsAsync(epp, $"http://127.0.0.1:{_engine.Port} app=vllm");

        PutPool(other.Port);
        await EndpointsAsync(epp, $"http://127.0.0.1:{other.Port} app=vllm");

        _server.Cluster.Put(ClusterKind.InferencePool, "llm", "pool", ClusterObjects.InferencePool(new Dictionary<string, string> { ["app"] = "other" }, other.Port));
        await EndpointsAsync(epp, $"http://127.0.0.1:{other.Port} app=other");
        await Eventually.TrueAsync(() => _server.Watches == 3);
    }

    [Fact]
    public async Task OldPools_AreReadInTheirOwnForm()
    {
        _server.Cluster.Put(ClusterKind.AlphaInferencePool, "llm", "pool", ClusterObjects.AlphaInferencePool(s_labels, _engine.Port));
        PutPod("one", "127.0.0.1");
        await using var epp = await StartAsync("--pool-group", "inference.networking.x-k8s.io");

        await ReadyAsync(epp, 1);
        Assert.Contains(_server.Calls, call => (call.Group, call.Resource) == ("inference.networking.x-k8s.io", "inferencepools"));
    }

    [Fact]
    public async Task Selector_NeedsNoPool_AndSeveralPortsAreRanksOfTheirOwn()
    {
        await using var other = await ScriptedEngine.StartAsync();
        PutPod("one", "127.0.0.1", ("llm-d.ai/data-parallel-size", "8"));
        await using var epp = await RunningEpp.StartWithAsync([
            "--endpoint-selector", "app=vllm", "--endpoint-target-ports", $"{_engine.Port},{other.Port}", "--pool-namespace", "llm", "--secure-serving=false", .. ApiFlags]);

        await ReadyAsync(epp, 2);
        Assert.Equal([$"http://127.0.0.1:{_engine.Port}", $"http://127.0.0.1:{other.Port}"], epp.Pool.All.Select(endpoint => endpoint.Name));
        Assert.All(_server.Calls, call => Assert.Equal(("pods", "llm", "app=vllm"), (call.Resource, call.Namespace, call["labelSelector"])));
        Assert.Equal(1, await epp.MetricAsync("llmd_epp_api_server_followed", "resource=\"pods\""));
    }

    [Fact]
    public async Task Ranks_AreThoseOfTheLabel()
    {
        PutPool(_engine.Port);
        PutPod("one", "127.0.0.1", ("llm-d.ai/data-parallel-size", "2"));
        await using var epp = await StartAsync();

        await ReadyAsync(epp, 2);
        Assert.Equal([0, 1], epp.Pool.All.Select(endpoint => endpoint.Id.Rank));
    }

    // A leg without a rank would bring back corrupt text, so nothing is sent before the engine has told.
    [Fact]
    public async Task Ranks_AreThoseOfTheMetrics_WhereNoLabelTells_AndNothingIsSentBefore()
    {
        PutPool(_engine.Port);
        _engine.Metrics = "vllm:num_requests_waiting{engine=\"0\"} 0\nvllm:num_requests_waiting{engine=\"1\"} 3\n";
        await using var epp = await StartAsync();
        await Eventually.TrueAsync(() => _server.Watches == 3);
        var ready = new List<string[]>();
        epp.Pool.Changed += () => ready.Add([.. epp.Pool.Ready.Select(endpoint => endpoint.Name)]);

        PutPod("one", "127.0.0.1");

        await ReadyAsync(epp, 2);
        Assert.DoesNotContain(ready, names => names.Contains(_engine.Url));
        await Eventually.TrueAsync(() => epp.Pool.All[1].Load.Waiting == 3);
        Assert.Equal($"{_engine.Url}@0", (await epp.DecisionAsync(Body)).GetProperty("endpoint").GetString());
    }

    [Fact]
    public async Task Labels_ReachTheFilters()
    {
        PutPool(_engine.Port);
        PutPod("one", "127.0.0.1", ("llm-d.ai/role", "prefill"));
        await using var epp = await StartAsync("--config-text", "{apiVersion: llm-d.ai/v1, kind: EndpointPickerConfig, plugins: [{type: decode-filter}]}");
        await ReadyAsync(epp, 1);
        Assert.Equal(429, (await epp.PickAsync(Body)).Immediate!.StatusCode);

        PutPod("one", "127.0.0.1", ("llm-d.ai/role", "decode"));
        await Eventually.TrueAsync(() => epp.Pool.Ready is [{ Labels: var labels }] && labels["llm-d.ai/role"] == "decode");
        Assert.NotNull((await epp.PickAsync(Body)).Metadata());
    }

    [Theory]
    [InlineData("inference.networking.k8s.io")]
    [InlineData("inference.networking.x-k8s.io")]
    public async Task Objectives_AreThoseOfThePool_InTheGroupThatGoesWithIt(string group)
    {
        var isOld = group == ClusterKind.AlphaInferencePool.Group;
        var kind = isOld ? ClusterKind.OldInferenceObjective : ClusterKind.InferenceObjective;
        _server.Cluster.Put(
            isOld ? ClusterKind.AlphaInferencePool : ClusterKind.InferencePool, "llm", "pool",
            isOld ? ClusterObjects.AlphaInferencePool(s_labels, _engine.Port) : ClusterObjects.InferencePool(s_labels, _engine.Port));
        PutPod("one", "127.0.0.1");
        _server.Cluster.Put(kind, "llm", "batch", ClusterObjects.InferenceObjective("pool", -1));
        _server.Cluster.Put(kind, "llm", "theirs", ClusterObjects.InferenceObjective("other-pool", -1));
        _server.Cluster.Put(kind, "llm", "chat", ClusterObjects.InferenceObjective("pool", priority: null));
        _engine.Metrics = "vllm:num_requests_waiting 9\n";
        await using var epp = await StartAsync("--pool-group", group);
        await ReadyAsync(epp, 1);

        await Eventually.TrueAsync(async () => (await PickForAsync(epp, "batch"))?.StatusCode == 429);
        Assert.Null(await PickForAsync(epp, "theirs"));
        Assert.Null(await PickForAsync(epp, "chat"));
        Assert.Null(await PickForAsync(epp, "unknown"));

        _server.Cluster.Put(kind, "llm", "batch", ClusterObjects.InferenceObjective("pool", 5));
        await Eventually.TrueAsync(async () => await PickForAsync(epp, "batch") is null);
        _server.Cluster.Put(kind, "llm", "theirs", ClusterObjects.InferenceObjective("pool", -1));
        await Eventually.TrueAsync(async () => (await PickForAsync(epp, "theirs"))?.StatusCode == 429);
    }

    [Fact]
    public async Task ApiServerThatIsAway_LeavesTheEndpoints_IsToldByAMetric_AndIsTakenUpAgain()
    {
        PutPool(_engine.Port);
        PutPod("one", "127.0.0.1");
        await using var epp = await StartAsync();
        await ReadyAsync(epp, 1);

        await _server.StopAsync();
        foreach (var resource in (string[])["pods", "inferencepools", "inferenceobjectives"])
        {
            await Eventually.TrueAsync(async () => await epp.MetricAsync("llmd_epp_api_server_followed", $"resource=\"{resource}\"") == 0);
        }

        Assert.NotNull((await epp.PickAsync(Body)).Metadata());
        Assert.Equal(ServingStatus.Serving, await HealthAsync(epp, "readiness"));

        _server.Cluster.Delete(ClusterKind.Pod, "llm", "one");
        await _server.StartAgainAsync();
        await ReadyAsync(epp, 0);
        Assert.Equal(1, await epp.MetricAsync("llmd_epp_api_server_followed", "resource=\"pods\""));
    }

    [Fact]
    public async Task ApiServerThatIsAwayFromTheStart_IsWaitedFor()
    {
        PutPool(_engine.Port);
        PutPod("one", "127.0.0.1");
        await _server.StopAsync();
        await using var epp = await StartAsync();
        Assert.Equal(503, (await epp.PickAsync(Body)).Immediate!.StatusCode);

        await _server.StartAgainAsync();

        await ReadyAsync(epp, 1);
    }

    public static TheoryData<string[], string> WrongFlags => new()
    {
        { [], "no endpoints are named; give --pool-name or --endpoint-selector in a cluster" },
        { ["--pool-name", "p", "--endpoint-selector", "a=b", "--endpoint-target-ports", "1"], "--pool-name and --endpoint-selector exclude each other" },
        { ["--pool-name", "p", "--endpoints", "http://a:1"], "--pool-name and --endpoints exclude each other" },
        { ["--pool-name", "p", "--endpoint-target-ports", "1"], "--endpoint-target-ports is not for pools" },
        { ["--pool-name", "$(POOL)"], "--pool-name is '$(POOL)'; it must be a name as Kubernetes has it" },
        { ["--pool-name", "p", "--pool-group", "example.com"], "it must be inference.networking.k8s.io or inference.networking.x-k8s.io" },
        { ["--endpoints", "http://a:1", "--pool-group", "inference.networking.k8s.io"], "--pool-group needs --pool-name" },
        { ["--endpoints", "http://a:1", "--pool-namespace", "n"], "--pool-namespace needs --pool-name or --endpoint-selector" },
        { ["--endpoint-selector", "a=b"], "add --endpoint-target-ports" },
        { ["--endpoint-selector", "a in (b)", "--endpoint-target-ports", "1"], "has 'a in (b)'; write label=value" },
        { ["--endpoint-selector", "a=b", "--endpoint-target-ports", "0"], "has '0'; write ports from 1 to 65535" },
        { ["--endpoint-selector", "a=b", "--endpoint-target-ports", "1,1"], "names a port twice" },
        { ["--endpoint-selector", "a=b", "--endpoint-target-ports", "1,2,3,4,5,6,7,8,9"], "names 9 ports; a pod has at most 8" },
        { ["--pool-name", "p", "--api-server", "https://127.0.0.1:1", "--service-account-folder", "/nowhere"], "token and ca.crt cannot be read there" },
        { ["--pool-name", "p", "--objectives-file", "/dev/null"], "--objectives-file and --pool-name exclude each other" },
        { ["--pool-name", "p", "--ha-enable-leader-election"], "run one replica" },
    };

    [Theory]
    [MemberData(nameof(WrongFlags))]
    public async Task WrongUsage_IsToldWithTheRemedy(string[] args, string says)
    {
        var wrong = await Assert.ThrowsAsync<UsageException>(() => RunningEpp.StartWithAsync(args));

        Assert.Contains(says, Assert.Single(wrong.Mistakes), StringComparison.Ordinal);
    }

    [Fact]
    public void Engines_AreForgottenWithTheirRanks()
    {
        var ranks = new EngineRanks();
        _ = Serving.Endpoints.EndpointId.TryParse("http://10.0.0.1:8000", out var engine, out _);
        ranks.Tell(engine, 4);
        Assert.False(ranks.IsAskedOf(engine));

        Assert.Null(ranks.AskOf(engine));
        ranks.Tell(engine, 4);
        Assert.Equal(4, ranks.AskOf(engine));

        ranks.Forget(engine);
        Assert.Null(ranks.AskOf(engine));
    }

    private static async Task<ImmediateResponse?> PickForAsync(RunningEpp epp, string objective) =>
        (await epp.PickAsync(Body, headers: ("x-llm-d-inference-objective", objective))).Immediate;

    private string[] ApiFlags => ["--api-server", _server.Url.ToString(), "--service-account-folder", _server.AccountFolder];

    private Task<RunningEpp> StartAsync(params string[] more) =>
        RunningEpp.StartWithAsync(["--pool-name", "pool", "--pool-namespace", "llm", "--secure-serving=false", .. ApiFlags, .. more]);

    private void PutPool(int port) => _server.Cluster.Put(ClusterKind.InferencePool, "llm", "pool", ClusterObjects.InferencePool(s_labels, port));

    private void PutPod(string name, string ip, bool isReady) => _server.Cluster.Put(ClusterKind.Pod, "llm", name, ClusterObjects.Pod(ip, s_labels, isReady));

    private void PutPod(string name, string ip, params (string Name, string Value)[] labels) =>
        _server.Cluster.Put(ClusterKind.Pod, "llm", name, ClusterObjects.Pod(ip, new Dictionary<string, string>([.. s_labels, .. labels.Select(label => KeyValuePair.Create(label.Name, label.Value))])));

    private static Task ReadyAsync(RunningEpp epp, int count) => Eventually.TrueAsync(() => epp.Pool.Ready.Length == count, $"{count} endpoints are ready");

    private static Task EndpointsAsync(RunningEpp epp, string endpoint) =>
        Eventually.TrueAsync(() => epp.Pool.Ready is [var only] && $"{only.Name} app={only.Labels["app"]}" == endpoint, $"the endpoint is {endpoint}");

    private static async Task<ServingStatus> HealthAsync(RunningEpp epp, string service) => (await epp.Health.UnaryAsync(HealthCheck.Check, new HealthCheckRequest(service))).Status;
}
