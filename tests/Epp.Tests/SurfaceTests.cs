using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Protocols.Health;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Epp.Tests;

/// <summary>The picker from outside: flags, probes, metrics, decisions, files, TLS, traces and garbage.</summary>
public sealed class SurfaceTests
{
    private const string Body = """{"model":"m","prompt":"hello"}""";

    [Fact]
    public async Task Probes_Answer_AndMetricsParse()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var epp = await RunningEpp.StartAsync(engine.Url);
        _ = await epp.PickAsync(Body);

        foreach (var path in new[] { "/health", "/alive", "/version", "/metrics" })
        {
            Assert.True((await epp.Http.GetAsync(path)).IsSuccessStatusCode, path);
        }

        Assert.Equal(1, await epp.MetricAsync("llmd_epp_decision_duration_seconds_count"));
        if (Promtool.Missing is { } reason)
        {
            Assert.Skip(reason);
        }

        Assert.Null(await Promtool.FindParseErrorAsync(await epp.Http.GetStringAsync("/metrics")));
    }

    [Theory]
    [InlineData("", ServingStatus.Serving)]
    [InlineData("liveness", ServingStatus.Serving)]
    [InlineData("readiness", ServingStatus.Serving)]
    [InlineData("inference-extension", ServingStatus.Serving)]
    [InlineData("envoy.service.ext_proc.v3.ExternalProcessor", ServingStatus.Serving)]
    [InlineData("something.else", ServingStatus.ServiceUnknown)]
    public async Task GrpcHealth_KnowsTheNamesThatChartsUse(string service, ServingStatus expected)
    {
        await using var epp = await RunningEpp.StartAsync("");

        Assert.Equal(expected, (await epp.Health.UnaryAsync(HealthCheck.Check, new HealthCheckRequest(service))).Status);
    }

    [Fact]
    public async Task SecureServing_IsTheDefault_WithACertificateOfItsOwn()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var epp = await RunningEpp.StartWithAsync("--endpoints", engine.Url);

        Assert.Equal("https", epp.GrpcUrl.Scheme);
        Assert.NotNull((await epp.PickAsync(Body)).Metadata());
        Assert.Equal(ServingStatus.Serving, (await epp.Health.UnaryAsync(HealthCheck.Check, new HealthCheckRequest(""))).Status);
    }

    public static TheoryData<string[], string> WrongFlags => new()
    {
        { [], "no endpoints are named" },
        { ["--endpoints", "ftp://x"], "has scheme 'ftp'" },
        { ["--endpoints", "http://a:1,http://a:1"], "is given 2 times" },
        { ["--endpoints", "http://a:1", "--endpoints-file", "x"], "exclude each other" },
        { ["--endpoints", "http://a:1", "--refresh-metrics-interval", "1ms"], "must be at least 50ms" },
        { ["--endpoints", "http://a:1", "--request-body-mode", "none"], "must be full-duplex or buffered" },
        { ["--endpoints", "http://a:1", "--config-text", "{}"], "must hold an EndpointPickerConfig" },
        { ["--endpoints", "http://a:1", "--config-file", "/nowhere/x.yaml"], "cannot be read" },
        { ["--endpoints", "http://a:1", "--cert-path", "/nowhere"], "tls.crt and tls.key cannot be read" },
    };

    [Theory]
    [MemberData(nameof(WrongFlags))]
    public async Task WrongUsage_IsToldInOneLineEach(string[] args, string says)
    {
        var wrong = await Assert.ThrowsAsync<UsageException>(() => RunningEpp.StartWithAsync(args));

        Assert.Contains(says, wrong.Message, StringComparison.Ordinal);
        Assert.All(wrong.Mistakes, line => Assert.StartsWith("epp: ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task BusyPort_IsToldWithItsFlag()
    {
        using var taken = TestPorts.Take();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;

        var wrong = await Assert.ThrowsAsync<UsageException>(() => new EppService().StartAsync(
            ["--port", "0", "--grpc-port", $"{port}", "--grpc-health-port", "0", "--endpoints", "http://a:1", "--log-level", "critical"]));

        Assert.Contains($"port {port} on 127.0.0.1 is already in use; choose another with --grpc-port", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decisions_TellWhy_NewestFirst()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var epp = await RunningEpp.StartAsync($"{engine.Url};llm-d.ai/role=prefill,{engine.Url}@1", "--config-text", """
            apiVersion: llm-d.ai/v1
            kind: EndpointPickerConfig
            plugins: [{type: decode-filter}, {type: queue-scorer}, {type: prefix-cache-scorer}]
            schedulingProfiles: [{name: default, plugins: [{pluginRef: decode-filter}, {pluginRef: queue-scorer, weight: 2}, {pluginRef: prefix-cache-scorer, weight: 3}]}]
            """);
        _ = await epp.PickAsync(Body, headers: ("x-request-id", "one"));
        _ = await epp.PickAsync(Body, headers: ("x-request-id", "two"));

        var decisions = await epp.DecisionsAsync();

        Assert.Equal(["two", "one"], decisions.EnumerateArray().Select(decision => decision.GetProperty("request_id").GetString()));
        var newest = decisions[0];
        Assert.Equal((engine.Url + "@1", "chosen", "m", JsonValueKind.Null), (
            newest.GetProperty("endpoint").GetString(), newest.GetProperty("outcome").GetString(), newest.GetProperty("model").GetString(), newest.GetProperty("prefill_endpoint").ValueKind));
        var candidates = newest.GetProperty("profiles")[0].GetProperty("candidates");
        Assert.Equal((true, 1, 1, 5), (
            candidates[0].GetProperty("eligible").GetBoolean(), candidates[0].GetProperty("scores").GetProperty("queue-scorer").GetDouble(),
            candidates[0].GetProperty("scores").GetProperty("prefix-cache-scorer").GetDouble(), candidates[0].GetProperty("total").GetDouble()));
        Assert.False(candidates[1].GetProperty("eligible").GetBoolean());
        Assert.Equal((2, 3), (
            newest.GetProperty("profiles")[0].GetProperty("weights").GetProperty("queue-scorer").GetDouble(),
            newest.GetProperty("profiles")[0].GetProperty("weights").GetProperty("prefix-cache-scorer").GetDouble()));
        Assert.Equal("not_configured", newest.GetProperty("prefill").GetProperty("verdict").GetString());
        Assert.True(newest.GetProperty("age_ms").GetInt64() >= 0);
    }

    [Fact]
    public async Task Decisions_SayWhatIsExpectedInTheCache_AndWhyPrefillDidNotRunApart()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var epp = await RunningEpp.StartAsync($"{engine.Url};llm-d.ai/role=decode,{engine.Url}@1;llm-d.ai/role=prefill", "--config-text", """
            apiVersion: llm-d.ai/v1
            kind: EndpointPickerConfig
            plugins:
            - {type: disagg-profile-handler, parameters: {deciders: {prefill: prefix-based-pd-decider}}}
            - {type: prefix-based-pd-decider, parameters: {nonCachedTokens: 100}}
            - {type: prefill-filter}
            - {type: decode-filter}
            - {type: approx-prefix-cache-producer, parameters: {blockSizeTokens: 16, autoTune: false}}
            - {type: prefix-cache-scorer}
            schedulingProfiles:
            - {name: decode, plugins: [{pluginRef: decode-filter}, {pluginRef: prefix-cache-scorer}]}
            - {name: prefill, plugins: [{pluginRef: prefill-filter}, {pluginRef: prefix-cache-scorer}]}
            """);
        var body = $$"""{"model":"m","prompt":[{{string.Join(',', Enumerable.Range(1, 320))}}]}""";
        _ = await epp.PickAsync(body);
        _ = await epp.PickAsync(body);

        var decisions = await epp.DecisionsAsync();

        var (second, first) = (decisions[0].GetProperty("prefill"), decisions[1].GetProperty("prefill"));
        Assert.Equal(("separate", 320, 100), (first.GetProperty("verdict").GetString(), first.GetProperty("tokens_to_compute").GetInt32(), first.GetProperty("threshold_tokens").GetInt32()));
        Assert.Equal(("skipped", 16), (second.GetProperty("verdict").GetString(), second.GetProperty("tokens_to_compute").GetInt32()));
        // All 20 blocks are there, and still the last one is computed again for the sake of its last token.
        var candidate = decisions[0].GetProperty("profiles")[0].GetProperty("candidates")[0];
        Assert.Equal((320, 304), (candidate.GetProperty("matched_tokens").GetInt32(), candidate.GetProperty("expected_cached_tokens").GetInt32()));

        using var endpoints = JsonDocument.Parse(await epp.Http.GetStringAsync("/debug/endpoints"));
        var rows = endpoints.RootElement.EnumerateArray().ToDictionary(row => row.GetProperty("labels").GetProperty("llm-d.ai/role").GetString()!);
        Assert.Equal((engine.Url, false), (rows["decode"].GetProperty("endpoint").GetString(), rows["decode"].GetProperty("away").GetBoolean()));
        Assert.Equal((2, 640, 304), Expected(rows["decode"]));
        Assert.Equal((1, 320, 0), Expected(rows["prefill"]));

        static (int, int, int) Expected(JsonElement row)
        {
            var minute = row.GetProperty("last_minute");
            return (minute.GetProperty("decisions").GetInt32(), minute.GetProperty("prompt_tokens").GetInt32(), minute.GetProperty("expected_cached_tokens").GetInt32());
        }
    }

    [Fact]
    public async Task Decisions_AreForAdminsOnly()
    {
        await using var epp = await RunningEpp.StartAsync("");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/debug/decisions");
        request.Headers.Add("Origin", "https://elsewhere.example");

        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await epp.Http.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task EndpointsFile_IsReadAgainWhenItChanges_AndABadOneIsNot()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        using var file = new ChangingFile("[]");
        await using var epp = await RunningEpp.StartWithAsync("--endpoints-file", file.Path, "--secure-serving=false");
        Assert.Equal(503, (await epp.PickAsync(Body)).Immediate!.StatusCode);

        file.Write($"- url: {engine.Url}\n");
        await Eventually.TrueAsync(() => epp.Pool.Ready.Length == 1);
        Assert.NotNull((await epp.PickAsync(Body)).Metadata());

        file.Write("- nonsense: true\n");
        file.Write($"- url: {engine.Url}\n  ranks: 2\n");
        await Eventually.TrueAsync(() => epp.Pool.All.Length == 2);
    }

    [Fact]
    public async Task ConfigFile_IsReadAgainWhenItChanges_AndABadOneLeavesTheOldInForce()
    {
        using var file = new ChangingFile("{apiVersion: llm-d.ai/v1, kind: EndpointPickerConfig, plugins: [{type: queue-scorer}]}");
        await using var epp = await RunningEpp.StartAsync("", "--config-file", file.Path);

        file.Write("{apiVersion: llm-d.ai/v1, kind: EndpointPickerConfig, plugins: [{type: nothing-like-it}]}");
        await Eventually.TrueAsync(async () => await epp.MetricAsync("llmd_epp_config_reloads_total", "result=\"failure\"") == 1);
        Assert.Equal("queue-scorer", epp.Services.GetService<Picking.CurrentScheduler>().Current.Profiles[0].Scorers[0].Name);

        file.Write("{apiVersion: llm-d.ai/v1, kind: EndpointPickerConfig, plugins: [{type: kv-cache-utilization-scorer}]}");
        await Eventually.TrueAsync(async () => await epp.MetricAsync("llmd_epp_config_reloads_total", "result=\"success\"") == 1);
        Assert.Equal("kv-cache-utilization-scorer", epp.Services.GetService<Picking.CurrentScheduler>().Current.Profiles[0].Scorers[0].Name);
    }

    [Fact]
    public async Task Decision_IsASpanOfTheRequestsOwnTrace_WithScoresAsEvent()
    {
        var spans = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "LlmdAspire.Epp",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var engine = await ScriptedEngine.StartAsync();
        await using var epp = await RunningEpp.StartAsync(engine.Url);
        var trace = ActivityTraceId.CreateRandom().ToHexString();

        var answer = await epp.PickAsync(Body, headers: [("traceparent", $"00-{trace}-00f067aa0ba902b7-01"), ("x-request-id", trace)]);
        await Eventually.TrueAsync(() => spans.Any(span => span.TraceId.ToHexString() == trace));

        var span = spans.Single(span => span.TraceId.ToHexString() == trace);
        Assert.Equal(("gateway.request", "00f067aa0ba902b7"), (span.OperationName, span.ParentSpanId.ToHexString()));
        Assert.Equal(span.Id, answer.Set("traceparent"));
        Assert.Contains("queue-scorer 1", span.Events.Single().Tags.Single(tag => tag.Key == "llmd.scores").Value as string, StringComparison.Ordinal);
        Assert.Equal(trace, (await epp.DecisionsAsync()).EnumerateArray().Single(decision => decision.GetProperty("request_id").GetString() == trace).GetProperty("trace_id").GetString());
    }

    [Fact]
    public async Task Garbage_OnEveryPort_IsRefused_AndThePickerGoesOn()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var epp = await RunningEpp.StartAsync(engine.Url);
        var random = new Random(5);
        foreach (var port in new[] { epp.GrpcUrl.Port, epp.Http.BaseAddress!.Port })
        {
            for (var i = 0; i < 20; i++)
            {
                var garbage = new byte[random.Next(1, 4000)];
                random.NextBytes(garbage);
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", port);
                await client.GetStream().WriteAsync(garbage);
            }
        }

        Assert.NotNull((await epp.PickAsync(Body)).Metadata());
        Assert.True((await epp.Http.GetAsync("/health")).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Process_StartsWithTheContractsFlags_AndStopsCleanly()
    {
        var (grpc, health, metrics) = (TestPorts.Free(), TestPorts.Free(), TestPorts.Free());
        await using var program = ChildProgram.Start(typeof(EppService).Assembly, [
            "--grpc-port", $"{grpc}", "--grpc-health-port", $"{health}", "--metrics-port", $"{metrics}", "--endpoints", "http://127.0.0.1:1,http://127.0.0.1:2@0..7", "--secure-serving=false", "--v", "2"]);

        Assert.Equal(metrics, (await program.WaitForUrlAsync()).Port);
        using var channel = new GrpcChannel(new Uri($"http://127.0.0.1:{health}"));
        Assert.Equal(ServingStatus.Serving, (await channel.UnaryAsync(HealthCheck.Check, new HealthCheckRequest(""))).Status);

        await program.SignalAsync("TERM");
        Assert.Equal(0, await program.WaitForExitAsync());
    }

    /// <summary>A file that is replaced as mounted configuration is: by renaming.</summary>
    private sealed class ChangingFile : IDisposable
    {
        public ChangingFile(string text) => Write(text);

        public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"{Guid.NewGuid():N}.yaml");

        public void Write(string text)
        {
            File.WriteAllText(Path + ".new", text);
            File.Move(Path + ".new", Path, overwrite: true);
        }

        public void Dispose() => File.Delete(Path);
    }
}
