using System.Diagnostics;
using LlmdAspire.AppHost.Publish;
using YamlDotNet.RepresentationModel;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>Field by field, what the seeds say: numbers, names, ports, flags, labels, routes.</summary>
public sealed class SeedFieldTests
{
    [Fact]
    public async Task Seed004_FourOneGpuPrefillEngines_AndAFourGpuDecodeEngine_BehindAPool()
    {
        using var chart = await PublishedChart.PublishAsync("--preset", "pd-70b");

        var decode = Engine(chart, "ms-pd-llm-d-modelservice-decode", replicas: 1, gpus: 4, cpu: "16", memory: "64Gi", port: 8200, role: "decode");
        var prefill = Engine(chart, "ms-pd-llm-d-modelservice-prefill", replicas: 4, gpus: 1, cpu: "8", memory: "64Gi", port: 8000, role: "prefill");
        Assert.Equal("4", Flag(decode, "--tensor-parallel-size"));
        Assert.Equal("1", Flag(prefill, "--tensor-parallel-size"));
        Assert.All([decode, prefill], engine =>
        {
            Assert.Equal("RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic", Flag(engine, "--model"));
            Assert.Equal("32000", Flag(engine, "--max-model-len"));
            Assert.Equal("128", Flag(engine, "--block-size"));
            Assert.Equal("""{"kv_connector":"NixlConnector","kv_role":"kv_both"}""", Flag(engine, "--kv-transfer-config"));
            Assert.Equal("1", engine.Text("resources", "limits", "rdma/ib"));
        });

        var sidecar = chart.Find("Deployment", "ms-pd-llm-d-modelservice-decode").Pod!.At("spec", "initContainers", 0)!;
        Assert.Equal("Always", sidecar.Text("restartPolicy"));
        Assert.Equal("8000", sidecar.Text("ports", 0, "containerPort"));
        Assert.Equal(("8000", "8200", "nixlv2"), (Flag(sidecar, "--port"), Flag(sidecar, "--vllm-port"), Flag(sidecar, "--connector")));
        Assert.Null(chart.Find("Deployment", "ms-pd-llm-d-modelservice-prefill").Pod!.At("spec", "initContainers"));

        var pool = chart.Find("InferencePool", "gaie-pd").Root;
        Assert.Equal("8000", pool.Text("spec", "targetPorts", 0, "number"));
        Assert.Equal(("gaie-pd-epp", "9002", "FailOpen"), (
            pool.Text("spec", "endpointPickerRef", "name"), pool.Text("spec", "endpointPickerRef", "port", "number"), pool.Text("spec", "endpointPickerRef", "failureMode")));
        Assert.Equal(["9002", "9090"], chart.Find("Service", "gaie-pd-epp").Root.Items("spec", "ports").Select(port => port.Text("port")));
        Assert.Equal("istio", chart.Find("Gateway", "infra-pd-inference-gateway").Root.Text("spec", "gatewayClassName"));
        Assert.Contains("always-disagg-pd-decider", chart.Find("ConfigMap", "gaie-pd-epp-plugins").Root.Text("data", "epp.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Seed000_OnePrefillAndOneDecodePodOfEightRanks_SelectiveFrom100Tokens()
    {
        using var chart = await PublishedChart.PublishAsync("--preset", "pd-dp8");

        var decode = Engine(chart, "ms-llama31-llm-d-modelservice-decode", replicas: 1, gpus: 8, cpu: "180", memory: "800Gi", port: 8200, role: "decode");
        var prefill = Engine(chart, "ms-llama31-llm-d-modelservice-prefill", replicas: 1, gpus: 8, cpu: "180", memory: "800Gi", port: 8000, role: "prefill");
        Assert.All([decode, prefill], engine =>
        {
            Assert.Equal("8", Flag(engine, "--data-parallel-size"));
            Assert.Equal("1", Flag(engine, "--tensor-parallel-size"));
            Assert.Equal("meta-llama/Llama-3.1-8B-Instruct", Flag(engine, "--model"));
        });

        // The metrics of the seed: 8200 for decode, 8000 for prefill.
        var scraped = chart.Find("PodMonitor", "ms-llama31-llm-d-modelservice").Root.Text("spec", "podMetricsEndpoints", 0, "port");
        Assert.Equal("8200", decode.Items("ports").Single(port => port.Text("name") == scraped).Text("containerPort"));
        Assert.Equal("8000", prefill.Items("ports").Single(port => port.Text("name") == scraped).Text("containerPort"));
        Assert.Contains("nonCachedTokens: 100", chart.Find("ConfigMap", "gaie-llama31-epp-plugins").Root.Text("data", "epp.yaml"), StringComparison.Ordinal);

        // istioBench: larger and quieter than istio.
        var parameters = chart.Find("ConfigMap", "infra-llama31-inference-gateway-parameters").Root.Text("data", "deployment")!;
        var marks = chart.Find("Gateway", "infra-llama31-inference-gateway").Root;
        Assert.Equal("error", marks.TextEntries("metadata", "annotations")["sidecar.istio.io/logLevel"]);
        Assert.Equal("true", marks.TextEntries("metadata", "labels")["istio.io/enable-inference-extproc"]);
        Assert.Contains("memory: 4Gi", parameters, StringComparison.Ordinal);
        Assert.Equal("256000", chart.Find("DestinationRule", "gaie-llama31-epp-tls").Root.Text("spec", "trafficPolicy", "connectionPool", "tcp", "maxConnections"));
    }

    [Fact]
    public async Task Seed003_TheRouterInFront_PairsRanks()
    {
        using var chart = await PublishedChart.PublishAsync("--preset", "pd-dp8", "--front", "router");

        var router = chart.Find("Deployment", "vllm-router-llama31").Containers.Single();
        Assert.Equal("10001", router.Text("ports", 0, "containerPort"));
        Assert.Contains("--pd-disaggregation", router.Texts("args"));
        Assert.Equal("http://ms-llama31-llm-d-modelservice-prefill:8000", Flag(router, "--prefill"));
        Assert.Equal("http://ms-llama31-llm-d-modelservice-decode:8200", Flag(router, "--decode"));
        Assert.Equal("8", Flag(router, "--intra-node-data-parallel-size"));
        Assert.DoesNotContain(chart.Objects, found => found.Kind is "Gateway" or "InferencePool" or "HTTPRoute");

        var benchmark = chart.Find("Job", "run-benchmark-llama31").Containers.Single();
        Assert.Equal(("vllm-router-llama31", "10001"), (Flag(benchmark, "--host"), Flag(benchmark, "--port")));
        Assert.Equal(("100", "2000", "2000", "32"), (
            Flag(benchmark, "--num-prompts"), Flag(benchmark, "--random-input-len"), Flag(benchmark, "--random-output-len"), Flag(benchmark, "--max-concurrency")));
    }

    [Fact]
    public async Task Seed001_SixteenIndependentEngines_BehindAService()
    {
        using var chart = await PublishedChart.PublishAsync("--preset", "vllm-native");

        Engine(chart, "ms-llama31-multinode-llm-d-modelservice-decode", replicas: 16, gpus: 1, cpu: "8", memory: "64Gi", port: 8000, role: "decode");
        Assert.Equal("8000", chart.Find("Service", "ms-llama31-multinode-llm-d-modelservice-decode").Root.Text("spec", "ports", 0, "port"));
        Assert.DoesNotContain(chart.Objects, found => found.Kind is "Gateway" or "InferencePool" or "HTTPRoute" or "Role");
        Assert.Single(chart.Objects, found => found.Kind == "Deployment");
    }

    [Fact]
    public async Task Seed002_ThePickerIsAttachedByAnEnvoyFilter_AndSessionsStickWithoutIt()
    {
        using var chart = await PublishedChart.PublishAsync("--preset", "epp-sticky");

        Engine(chart, "ms-llm-d-modelservice-decode", replicas: 2, gpus: 1, cpu: "4", memory: "32Gi", port: 8001, role: "decode");
        var patches = chart.Find("EnvoyFilter", "ms-llm-d-modelservice-epp-ext-proc").Root.Items("spec", "configPatches").ToList();
        var session = patches[0].Text("patch", "value", "typed_config", "default_source_code", "inline_string")!;
        Assert.Contains("x-session-id", session, StringComparison.Ordinal);
        Assert.Contains("cookie", session, StringComparison.Ordinal);
        Assert.Equal("outbound|9002||ms-llm-d-modelservice-epp.llm-d.svc.cluster.local", patches[1].Text("patch", "value", "typed_config", "grpc_service", "envoy_grpc", "cluster_name"));
        Assert.Equal("true", patches[1].Text("patch", "value", "typed_config", "failure_mode_allow"));
        Assert.Equal("x-gateway-destination-endpoint", patches[2].Text("patch", "value", "original_dst_lb_config", "http_header_name"));

        Assert.Equal("x-session-id", chart.Find("DestinationRule", "ms-llm-d-modelservice-decode-sticky").Root.Text("spec", "trafficPolicy", "loadBalancer", "consistentHash", "httpHeaderName"));
        Assert.Contains("llm-d-infra-inference-gateway-istio.llm-d.svc.cluster.local", chart.Find("HTTPRoute", "ms-llm-d-modelservice").Root.Texts("spec", "hostnames"));
        Assert.Equal("llm-d-infra-inference-gateway", chart.Find("HTTPRoute", "ms-llm-d-modelservice").Root.Text("spec", "parentRefs", 0, "name"));
        Assert.DoesNotContain(chart.Objects, found => found.Kind == "InferencePool");
        Assert.DoesNotContain("istio.io/enable-inference-extproc", chart.Find("Gateway", "llm-d-infra-inference-gateway").Labels.Keys);

        // Its Jobs call the gateway by the one name that the route answers to.
        Assert.Contains(
            "http://llm-d-infra-inference-gateway-istio.llm-d.svc.cluster.local:80/v1/completions",
            chart.Find("Job", "prefix-cache-test").Containers.Single().Texts("args").Last(), StringComparison.Ordinal);
        Assert.Equal("llm-d-infra-inference-gateway-istio.llm-d.svc.cluster.local", Flag(chart.Find("Job", "run-benchmark").Containers.Single(), "--host"));
    }

    [Fact]
    public async Task Seed002_HasPrefillEngines_WhenAskedTo()
    {
        using var chart = await PublishedChart.PublishAsync("--preset", "epp-sticky", "--prefill-replicas", "3");

        Engine(chart, "ms-llm-d-modelservice-prefill", replicas: 3, gpus: 1, cpu: "4", memory: "32Gi", port: 8000, role: "prefill");
        Engine(chart, "ms-llm-d-modelservice-decode", replicas: 2, gpus: 1, cpu: "4", memory: "32Gi", port: 8001, role: "decode");
        var picker = chart.Find("ConfigMap", "ms-llm-d-modelservice-epp-plugins").Root.Text("data", "epp.yaml")!;
        Assert.Contains("nonCachedTokens: 100", picker, StringComparison.Ordinal);
        Assert.Contains("session-affinity-scorer", picker, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KvEvents_GoToTheIndex_UnderTheNameThatPickersKnow()
    {
        using var chart = await PublishedChart.PublishAsync("--preset", "default", "--gateway", "istio");

        var events = Flag(chart.Find("Deployment", "ms-default-llm-d-modelservice-decode").Pod!.At("spec", "containers", 0)!, "--kv-events-config");
        Assert.Equal("""{"enable_kv_cache_events":true,"publisher":"zmq","endpoint":"tcp://kv-indexer-default:5557","topic":"kv@$(POD_IP):8000@Qwen/Qwen3-0.6B"}""", events);
        Assert.Equal("http://kv-indexer-default:8080", Flag(chart.Find("Deployment", "gaie-default-epp").Containers.Single(), "--kv-indexer"));
    }

    [Fact]
    public async Task Services_RunWithoutRoot_WithoutCapabilities_AndWithNothingToWriteButTmp()
    {
        using var chart = await PublishedChart.PublishAsync("--preset", "default", "--gateway", "istio");

        var services = chart.Objects.Where(found => found.Pod is not null).SelectMany(found => found.Containers).Where(container => container.Text("name") != "vllm").ToList();
        Assert.True(services.Count >= 4, "sidecar, picker, indexer, benchmark");
        Assert.All(services, container =>
        {
            Assert.Equal("true", container.Text("securityContext", "runAsNonRoot"));
            Assert.Equal("true", container.Text("securityContext", "readOnlyRootFilesystem"));
            Assert.Equal("false", container.Text("securityContext", "allowPrivilegeEscalation"));
            Assert.Equal(["ALL"], container.Texts("securityContext", "capabilities", "drop"));
        });

        // Images of others may name their user, and the kubelet starts a name as little as root; those of this stack have a number.
        var others = services.Where(container => !container.Text("image")!.StartsWith(ServiceImages.DefaultRegistry, StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(others);
        Assert.All(others, container => Assert.Equal("65534", container.Text("securityContext", "runAsUser")));
    }

    [Fact]
    public async Task Rbac_LetsThePickerWatch_AndNobodyElseDoAnything()
    {
        using var chart = await PublishedChart.PublishAsync("--preset", "pd-70b");

        var rules = chart.Objects.Where(found => found.Kind is "Role" or "ClusterRole").SelectMany(role => role.Root.Items("rules")).ToList();
        Assert.All(rules, rule => Assert.Equal(["list", "watch"], rule.Texts("verbs")));
        Assert.Equal([" pods", "inference.networking.k8s.io inferencepools", "llm-d.ai inferenceobjectives"], rules.Select(rule => $"{string.Join(',', rule.Texts("apiGroups"))} {string.Join(',', rule.Texts("resources"))}"));
        Assert.DoesNotContain(chart.Objects, found => found.Kind == "ClusterRole");
        Assert.All(
            chart.Objects.Where(found => found.Kind == "Deployment" && found.Name != "gaie-pd-epp"),
            other => Assert.Equal("false", other.Pod!.Text("spec", "automountServiceAccountToken")));
    }

    [Fact]
    public async Task Options_ReachTheManifests()
    {
        using var chart = await PublishedChart.PublishAsync(
            "--preset", "pd-70b", "--model", "my/model", "--prefill-replicas", "6", "--decode-replicas", "2", "--tensor-parallel", "2,8", "--max-model-len", "8192",
            "--rdma-resource", "none", "--node-selector", "gpu=h200,zone=a", "--storage-class", "fast", "--image-registry", "registry.example.com/llm", "--image-tag", "1.2.3",
            "--existing-gateway", "shared", "--release-postfix", "x", "--pd-threshold", "512");

        var prefill = Engine(chart, "ms-x-llm-d-modelservice-prefill", replicas: 6, gpus: 2, cpu: "8", memory: "64Gi", port: 8000, role: "prefill");
        var decode = Engine(chart, "ms-x-llm-d-modelservice-decode", replicas: 2, gpus: 8, cpu: "16", memory: "64Gi", port: 8200, role: "decode");
        Assert.Equal(("my/model", "8192"), (Flag(prefill, "--model"), Flag(prefill, "--max-model-len")));
        Assert.Null(decode.Text("resources", "limits", "rdma/ib"));
        var pod = chart.Find("Deployment", "ms-x-llm-d-modelservice-decode").Pod!;
        Assert.Equal(new Dictionary<string, string> { ["gpu"] = "h200", ["zone"] = "a" }, pod.TextEntries("spec", "nodeSelector"));
        Assert.Equal("registry.example.com/llm/router:1.2.3", pod.Text("spec", "initContainers", 0, "image"));
        Assert.All(chart.Objects.Where(found => found.Kind == "PersistentVolumeClaim"), claim => Assert.Equal("fast", claim.Root.Text("spec", "storageClassName")));
        Assert.Equal(2, chart.Objects.Count(found => found.Kind == "PersistentVolumeClaim"));
        Assert.DoesNotContain(chart.Objects, found => found.Kind == "Gateway");
        Assert.Equal("shared", chart.Find("HTTPRoute", "ms-x-llm-d-modelservice").Root.Text("spec", "parentRefs", 0, "name"));
        Assert.Contains("nonCachedTokens: 512", chart.Find("ConfigMap", "gaie-x-epp-plugins").Root.Text("data", "epp.yaml"), StringComparison.Ordinal);
        Assert.Equal([], ReferenceWalk.Errors(chart.Objects, "Secret llm-d-hf-token", "Gateway shared"));
    }

    [Fact]
    public async Task Resources_OfEachRole_ReplaceTheSeeds()
    {
        using var chart = await PublishedChart.PublishAsync("--preset", "pd-70b", "--cpu", "12,24", "--memory", "128Gi", "--shared-memory", "8Gi,32Gi");

        Engine(chart, "ms-pd-llm-d-modelservice-prefill", replicas: 4, gpus: 1, cpu: "12", memory: "128Gi", port: 8000, role: "prefill");
        Engine(chart, "ms-pd-llm-d-modelservice-decode", replicas: 1, gpus: 4, cpu: "24", memory: "128Gi", port: 8200, role: "decode");
        Assert.Equal(["8Gi", "32Gi"], new[] { "prefill", "decode" }.Select(role => chart.Find("Deployment", $"ms-pd-llm-d-modelservice-{role}").Pod!
            .Items("spec", "volumes").Single(volume => volume.Text("name") == "shm").Text("emptyDir", "sizeLimit")));
    }

    [Fact]
    public async Task PoolOfTheOldGroup_IsTheOnlyOneThatAnybodyNames()
    {
        using var chart = await PublishedChart.PublishAsync("--preset", "pd-70b", "--inference-pool-version", "v1alpha2", "--objectives", "chat=10,batch=-1");

        const string Group = "inference.networking.x-k8s.io";
        Assert.Equal($"{Group}/v1alpha2", chart.Find("InferencePool", "gaie-pd").ApiVersion);
        Assert.Equal(Group, Flag(chart.Find("Deployment", "gaie-pd-epp").Containers.Single(), "--pool-group"));
        Assert.Equal(Group, chart.Find("HTTPRoute", "ms-pd-llm-d-modelservice").Root.Text("spec", "rules", 0, "backendRefs", 0, "group"));
        Assert.Equal(
            [" pods", $"{Group} inferencepools", $"{Group} inferenceobjectives"],
            chart.Find("Role", "gaie-pd-epp-watch").Root.Items("rules").Select(rule => $"{string.Join(',', rule.Texts("apiGroups"))} {string.Join(',', rule.Texts("resources"))}"));
        Assert.Equal(
            [($"{Group}/v1alpha2", "batch", "-1"), ($"{Group}/v1alpha2", "chat", "10")],
            chart.Objects.Where(found => found.Kind == "InferenceObjective").Select(found => (found.ApiVersion, found.Name, found.Root.Text("spec", "priority"))));
        Assert.DoesNotContain(chart.Files().Values, text => text.Contains("inference.networking.k8s.io", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Objectives_BesideAPoolOfV1_AreLlmDs()
    {
        using var chart = await PublishedChart.PublishAsync("--preset", "pd-70b", "--objectives", "chat=10");

        Assert.Equal("llm-d.ai/v1alpha2", chart.Find("InferenceObjective", "chat").ApiVersion);
        Assert.Equal("inference.networking.k8s.io", chart.Find("InferenceObjective", "chat").Root.Text("spec", "poolRef", "group"));
        Assert.Contains(chart.Find("Role", "gaie-pd-epp-watch").Root.Items("rules"), rule => rule.Texts("apiGroups").Contains("llm-d.ai") && rule.Texts("resources").SequenceEqual(["inferenceobjectives"]));
    }

    [Fact]
    public async Task HorizontalPodAutoscaler_GoesByQueueAndCache_OfAllRanksOfAPod()
    {
        using var chart = await PublishedChart.PublishAsync("--preset", "pd-dp8", "--autoscaling", "hpa", "--min-replicas", "1,2", "--max-replicas", "4", "--target-queue", "3");

        var spec = chart.Find("HorizontalPodAutoscaler", "ms-llama31-llm-d-modelservice-decode").Root.At("spec")!;
        Assert.Equal(("2", "4"), (spec.Text("minReplicas"), spec.Text("maxReplicas")));
        Assert.Equal(
            [("vllm:num_requests_waiting", "24"), ("vllm:kv_cache_usage_perc", "6400m")],
            spec.Items("metrics").Select(metric => (metric.Text("pods", "metric", "name")!, metric.Text("pods", "target", "averageValue")!)));
        Assert.Equal("1", chart.Find("HorizontalPodAutoscaler", "ms-llama31-llm-d-modelservice-prefill").Root.Text("spec", "minReplicas"));
        Assert.All(new[] { "prefill", "decode" }, role => Assert.Null(chart.Find("Deployment", $"ms-llama31-llm-d-modelservice-{role}").Root.At("spec", "replicas")));
    }

    [Fact]
    public async Task ScaledObject_AsksPrometheus_ForTheEnginesOfItsRoleOnly()
    {
        using var chart = await PublishedChart.PublishAsync(
            "--preset", "pd-70b", "--autoscaling", "keda", "--max-replicas", "8,4", "--prometheus-address", "http://prometheus.example:9090");

        var spec = chart.Find("ScaledObject", "ms-pd-llm-d-modelservice-prefill").Root.At("spec")!;
        Assert.Equal(("1", "8"), (spec.Text("minReplicaCount"), spec.Text("maxReplicaCount")));
        Assert.Equal(
            [
                ("""sum(vllm:num_requests_waiting{job="llm-d-pd/ms-pd-llm-d-modelservice",pod=~"ms-pd-llm-d-modelservice-prefill-.+"})""", "5"),
                ("""sum(vllm:kv_cache_usage_perc{job="llm-d-pd/ms-pd-llm-d-modelservice",pod=~"ms-pd-llm-d-modelservice-prefill-.+"})""", "0.8"),
            ],
            spec.Items("triggers").Select(trigger => (trigger.Text("metadata", "query")!, trigger.Text("metadata", "threshold")!)));
        Assert.All(spec.Items("triggers"), trigger => Assert.Equal("http://prometheus.example:9090", trigger.Text("metadata", "serverAddress")));
        Assert.Null(chart.Find("Deployment", "ms-pd-llm-d-modelservice-prefill").Root.At("spec", "replicas"));
    }

    [Fact]
    public async Task EngineOfSixteenRanksOnTwoNodes_IsALeaderThatServes_AndAWorkerThatDoesNot()
    {
        using var chart = await PublishedChart.PublishAsync("--preset", "pd-dp8", "--data-parallel", "16", "--nodes-per-engine", "2");

        var set = chart.Find("LeaderWorkerSet", "ms-llama31-llm-d-modelservice-decode");
        Assert.Equal(("1", "2"), (set.Root.Text("spec", "replicas"), set.Root.Text("spec", "leaderWorkerTemplate", "size")));
        Assert.DoesNotContain(chart.Objects, found => found.Kind == "Deployment" && found.Name.Contains("modelservice", StringComparison.Ordinal));
        var (leader, worker) = (set.Pods[0], set.Pods[1]);
        var (serving, headless) = (leader.Template.At("spec", "containers", 0)!, worker.Template.At("spec", "containers", 0)!);
        Assert.All([serving, headless], engine =>
        {
            Assert.Equal("8", engine.Text("resources", "limits", "nvidia.com/gpu"));
            Assert.Equal(("16", "8", "5555"), (Flag(engine, "--data-parallel-size"), Flag(engine, "--data-parallel-size-local"), Flag(engine, "--data-parallel-rpc-port")));
        });
        Assert.Equal(("$(POD_IP)", "$(LWS_LEADER_ADDRESS)"), (Flag(serving, "--data-parallel-address"), Flag(headless, "--data-parallel-address")));
        Assert.Equal(["routing-proxy"], leader.Template.Items("spec", "initContainers").Select(sidecar => sidecar.Text("name")));
        Assert.Equal("16", leader.Labels["llm-d.ai/data-parallel-size"]);

        Assert.Contains("--headless", headless.Texts("args"));
        Assert.EndsWith("--data-parallel-start-rank $((LWS_WORKER_INDEX * 8))", headless.Texts("command").ElementAt(2), StringComparison.Ordinal);
        Assert.Null(headless.At("ports"));
        Assert.Null(headless.At("readinessProbe"));
        Assert.Null(worker.Template.At("spec", "initContainers"));
        Assert.DoesNotContain("llm-d.ai/inference-serving", worker.Labels.Keys);

        // Policies are for both: what disturbs a worker disturbs its engine, and ranks talk to each other.
        Assert.True(ReferenceWalk.Matches(chart.Find("NetworkPolicy", "ms-llama31-llm-d-modelservice").Root.TextEntries("spec", "podSelector", "matchLabels"), worker.Labels));
        Assert.True(ReferenceWalk.Matches(chart.Find("PodDisruptionBudget", "ms-llama31-llm-d-modelservice-decode").Root.TextEntries("spec", "selector", "matchLabels"), worker.Labels));
        Assert.False(ReferenceWalk.Matches(chart.Find("InferencePool", "gaie-llama31").Root.TextEntries("spec", "selector", "matchLabels"), worker.Labels));
        Assert.False(ReferenceWalk.Matches(chart.Find("PodMonitor", "ms-llama31-llm-d-modelservice").Root.TextEntries("spec", "selector", "matchLabels"), worker.Labels));
        Assert.All(set.Pods, pod => Assert.Equal("false", pod.Template.Text("spec", "automountServiceAccountToken")));
        Assert.All([serving, headless], engine => Assert.Equal(["ALL"], engine.Texts("securityContext", "capabilities", "drop")));
    }

    // The command of a worker, run by the shell that it names, with a vllm that says what it was given.
    [Fact]
    public async Task ThirdWorker_BeginsAfterTheRanksOfTheOthers()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("there is no /bin/sh");
            return;
        }

        using var chart = await PublishedChart.PublishAsync("--preset", "pd-dp8", "--data-parallel", "32", "--nodes-per-engine", "4");
        var worker = chart.Find("LeaderWorkerSet", "ms-llama31-llm-d-modelservice-prefill").Pods[1].Template.At("spec", "containers", 0)!;
        var folder = Directory.CreateDirectory(Path.Combine(chart.Folder, "bin")).FullName;
        var program = Path.Combine(folder, "vllm");
        await File.WriteAllTextAsync(program, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var command = worker.Texts("command").ToList();
        var start = new ProcessStartInfo(command[0], [.. command[1..], .. worker.Texts("args")]) { RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["LWS_WORKER_INDEX"] = "3";
        using var shell = Process.Start(start)!;
        var given = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["serve", .. worker.Texts("args"), "--data-parallel-start-rank", "24"], given.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task RankOfSixteenGpusOnTwoNodes_SharesItsTensors()
    {
        using var chart = await PublishedChart.PublishAsync("--preset", "default", "--tensor-parallel", "1,16", "--nodes-per-engine", "1,2");

        Assert.Equal("2", chart.Find("Deployment", "ms-default-llm-d-modelservice-prefill").Root.Text("spec", "replicas"));
        var (leader, worker) = chart.Find("LeaderWorkerSet", "ms-default-llm-d-modelservice-decode").Pods.Select(pod => pod.Template.At("spec", "containers", 0)!).ToList() switch
        {
            [var first, var second] => (first, second),
            _ => throw new InvalidOperationException("A set has a leader and a worker."),
        };
        Assert.Equal(("16", "2", "0", "$(POD_IP)"), (Flag(leader, "--tensor-parallel-size"), Flag(leader, "--nnodes"), Flag(leader, "--node-rank"), Flag(leader, "--master-addr")));
        Assert.Equal(("16", "2", "$(LWS_WORKER_INDEX)", "$(LWS_LEADER_ADDRESS)"), (Flag(worker, "--tensor-parallel-size"), Flag(worker, "--nnodes"), Flag(worker, "--node-rank"), Flag(worker, "--master-addr")));
        Assert.Equal("8", worker.Text("resources", "limits", "nvidia.com/gpu"));
        Assert.Null(worker.At("command"));
    }

    /// <summary>The vLLM container of an engine, after what all engines have in common.</summary>
    private static YamlNode Engine(PublishedChart chart, string name, int replicas, int gpus, string cpu, string memory, int port, string role)
    {
        var deployment = chart.Find("Deployment", name);
        Assert.Equal($"{replicas}", deployment.Root.Text("spec", "replicas"));
        var pod = deployment.Pod!;
        var labels = pod.TextEntries("metadata", "labels");
        Assert.Equal((role, "true", "true"), (labels["llm-d.ai/role"], labels["llm-d.ai/inferenceServing"], labels["llm-d.ai/inference-serving"]));

        var engine = pod.Items("spec", "containers").Single();
        foreach (var quantities in new[] { "limits", "requests" })
        {
            Assert.Equal((cpu, memory, $"{gpus}"), (engine.Text("resources", quantities, "cpu"), engine.Text("resources", quantities, "memory"), engine.Text("resources", quantities, "nvidia.com/gpu")));
        }

        Assert.Equal($"{port}", engine.Text("ports", 0, "containerPort"));
        Assert.Equal($"{port}", Flag(engine, "--port"));
        Assert.Equal("HTTP", engine.Text("startupProbe", "httpGet", "scheme"));
        Assert.Equal("120", engine.Text("startupProbe", "failureThreshold"));
        var variables = engine.Items("env").ToDictionary(variable => variable.Text("name")!);
        Assert.Equal("status.podIP", variables["VLLM_NIXL_SIDE_CHANNEL_HOST"].Text("valueFrom", "fieldRef", "fieldPath"));
        Assert.Equal(("llm-d-hf-token", "HF_TOKEN"), (variables["HF_TOKEN"].Text("valueFrom", "secretKeyRef", "name"), variables["HF_TOKEN"].Text("valueFrom", "secretKeyRef", "key")));
        Assert.Contains(pod.Items("spec", "volumes"), volume => volume.Text("emptyDir", "medium") == "Memory");
        return engine;
    }

    /// <summary>The value behind a flag.</summary>
    private static string Flag(YamlNode container, string flag)
    {
        var args = container.Texts("args").ToList();
        Assert.Contains(flag, args);
        return args[args.IndexOf(flag) + 1];
    }
}
