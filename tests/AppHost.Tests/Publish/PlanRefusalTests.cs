using LlmdAspire.AppHost.Publish;
using Microsoft.Extensions.Configuration;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>Wrong values and wrong combinations are refused together, each with a remedy.</summary>
public sealed class PlanRefusalTests
{
    [Theory]
    [InlineData("--preset vllm-native --gateway istio", "--gateway is 'istio', but preset 'vllm-native' has no gateway; leave it out, or use --gateway none.")]
    [InlineData("--preset pd-70b --front router", "--front is 'router', but preset 'pd-70b' has no choice of fronts; leave it out, or use --preset pd-dp8.")]
    [InlineData("--preset pd-dp8 --front router --gateway istio", "--gateway is 'istio', but with --front router the router stands in front itself; use --gateway none, or --front epp.")]
    [InlineData("--preset pd-dp8 --front router --decode-replicas 2", "--decode-replicas is '2', but with --front router each engine is named by a Service of its own; use 1 and more ranks, or --front epp.")]
    [InlineData("--preset pd-dp8 --front router --pd-threshold 5", "--pd-threshold is '5', but with --front router every prompt is prefilled elsewhere; leave it out, or use --front epp.")]
    [InlineData("--preset epp-sticky --gateway gke", "--gateway is 'gke', but preset 'epp-sticky' attaches its picker by an EnvoyFilter, which only Istio has; use istio, istioBench, aks, xpu or none.")]
    [InlineData("--preset vllm-native --prefill-replicas 2", "--prefill-replicas is '2', but no engine of preset 'vllm-native' only prefills; leave it out, or use --preset pd-70b or pd-dp8.")]
    [InlineData("--preset epp-sticky --pd-threshold 2", "--pd-threshold is '2', but no engine of preset 'epp-sticky' only prefills; leave it out, or add some with --prefill-replicas.")]
    [InlineData("--preset pd-70b --decode-replicas 0", "--decode-replicas is '0'; it must be a whole number of at least 1: without a decode engine nothing is generated.")]
    [InlineData("--preset pd-70b --tensor-parallel 4,16", "A decode pod would need 16 GPUs (--tensor-parallel 16 x --data-parallel 1), and a node has 8 (--gpus-per-node); lower one of them, or spread each engine with --nodes-per-engine 2.")]
    [InlineData("--preset pd-70b --gpus-per-node 2", "A decode pod would need 4 GPUs (--tensor-parallel 4 x --data-parallel 1), and a node has 2 (--gpus-per-node); lower one of them, or spread each engine with --nodes-per-engine 2.")]
    [InlineData("--preset pd-dp8 --data-parallel 32 --nodes-per-engine 2,4", "A prefill pod would need 16 GPUs (--tensor-parallel 1 x --data-parallel 32 over 2 nodes), and a node has 8 (--gpus-per-node); lower one of them, or spread each engine with --nodes-per-engine 4.")]
    [InlineData("--preset vllm-native --tensor-parallel 65536 --data-parallel 65536", "A decode pod would need 4294967296 GPUs (--tensor-parallel 65536 x --data-parallel 65536), and a node has 8 (--gpus-per-node); lower one of them, or spread each engine with --nodes-per-engine 536870912.")]
    [InlineData("--preset pd-70b --nodes-per-engine 1,3", "--nodes-per-engine is 3 for decode engines, which cannot share --data-parallel 1 x --tensor-parallel 4 evenly; use a divisor of --data-parallel, or of --tensor-parallel where --data-parallel is 1.")]
    [InlineData("--preset epp-sticky --data-parallel 2 --nodes-per-engine 2", "--nodes-per-engine is 2 for decode engines, but the KV indexer of preset 'epp-sticky' would take ranks of other nodes for other engines; use --preset pd-dp8 or pd-70b, or --data-parallel 1.")]
    [InlineData("--preset pd-70b --nodes-per-engine 1,2 --release-postfix a-rather-long-postfix", "--release-postfix makes 'ms-a-rather-long-postfix-llm-d-modelservice-decode', which is too long for an engine of several nodes; shorten it by 2.")]
    [InlineData("--preset pd-70b --nodes-per-engine 0", "--nodes-per-engine is '0'; it must be a whole number of at least 1, or two such as 1,4 for prefill and decode engines.")]
    [InlineData("--preset pd-70b --cpu -1", "--cpu is '-1'; it must be CPUs, such as 16 or 500m, or two such as 8,16 for prefill and decode engines.")]
    [InlineData("--preset pd-70b --cpu 0", "--cpu is '0'; it must be CPUs, such as 16 or 500m, or two such as 8,16 for prefill and decode engines.")]
    [InlineData("--preset pd-70b --memory 64", "--memory is '64'; it must be a size with its unit, such as 64Gi, or two such as 64Gi,800Gi for prefill and decode engines.")]
    [InlineData("--preset pd-70b --memory 1Gi,2Gi,3Gi", "--memory is '1Gi,2Gi,3Gi'; it must be a size with its unit, such as 64Gi, or two such as 64Gi,800Gi for prefill and decode engines.")]
    [InlineData("--preset pd-70b --shared-memory 16Gi,65Gi", "A decode pod would have 64Gi of memory and 65Gi of it for /dev/shm; raise --memory, or lower --shared-memory.")]
    [InlineData("--preset pd-70b --autoscaling vpa --max-replicas 4 --prometheus-address http://p:9090", "--autoscaling is 'vpa'; it must be one of none, hpa, keda.")]
    [InlineData("--preset pd-70b --autoscaling hpa", "--autoscaling is 'hpa', but nothing says how far; add --max-replicas, such as 8, or 4,8 for prefill and decode engines.")]
    [InlineData("--preset pd-70b --max-replicas 4", "--max-replicas is '4', but nothing is autoscaled; leave it out, or add --autoscaling hpa or keda.")]
    [InlineData("--preset pd-70b --autoscaling keda --max-replicas 4 --decode-replicas 2", "--decode-replicas is '2', but --autoscaling keda decides the number; leave it out, and use --min-replicas and --max-replicas.")]
    [InlineData("--preset pd-70b --autoscaling keda --min-replicas 1,5 --max-replicas 4", "--min-replicas is 5 for decode engines, more than their --max-replicas 4; lower one or raise the other.")]
    [InlineData("--preset pd-70b --autoscaling keda --max-replicas 4 --min-replicas 0", "--min-replicas is '0'; it must be a whole number of at least 1, or two such as 1,4 for prefill and decode engines.")]
    [InlineData("--preset pd-70b --autoscaling hpa --max-replicas 4 --prometheus-address http://p:9090", "--prometheus-address is 'http://p:9090', but only KEDA is told of it; leave it out, or use --autoscaling keda.")]
    [InlineData("--preset pd-70b --autoscaling keda --max-replicas 4 --prometheus-address p:9090", "--prometheus-address is 'p:9090'; it must be an address such as http://prometheus-operated.monitoring:9090.")]
    [InlineData("--preset pd-dp8 --front router --autoscaling hpa --max-replicas 4", "--autoscaling is 'hpa', but with --front router each engine is named by a Service of its own; leave it out, or use --front epp.")]
    [InlineData("--preset pd-70b --alert-ttft 0", "--alert-ttft is '0'; it must be a number above 0, such as 10.")]
    [InlineData("--preset pd-70b --inference-pool-version v2", "--inference-pool-version is 'v2'; it must be one of v1, v1alpha2.")]
    [InlineData("--preset epp-sticky --inference-pool-version v1alpha2", "--inference-pool-version is 'v1alpha2', but there is no InferencePool here; leave it out, or choose a preset and a --gateway with one, such as --preset pd-70b --gateway istio.")]
    [InlineData("--preset pd-70b --gateway none --objectives chat=1", "--objectives is 'chat=1', but there is no InferencePool here; leave it out, or choose a preset and a --gateway with one, such as --preset pd-70b --gateway istio.")]
    [InlineData("--preset pd-70b --objectives chat=1,Batch=2", "--objectives has 'Batch=2'; it must be a name and a priority, such as chat=10 or batch=-1, several with commas between.")]
    [InlineData("--preset pd-70b --objectives chat=high", "--objectives has 'chat=high'; it must be a name and a priority, such as chat=10 or batch=-1, several with commas between.")]
    [InlineData("--preset pd-70b --objectives chat=1,chat=2", "--objectives names 'chat' twice; keep one.")]
    [InlineData("--preset pd-70b --tensor-parallel 1,2,3", "--tensor-parallel is '1,2,3'; it must be a whole number of at least 1, or two such as 1,4 for prefill and decode engines.")]
    [InlineData("--preset pd-70b --gateway none --existing-gateway g", "--existing-gateway is 'g', but there is no gateway here; leave it out, or choose a provider with --gateway.")]
    [InlineData("--preset pd-70b --gateway nginx", "--gateway is 'nginx'; it must be one of istio, istioBench, kgateway, gke, aks, xpu, none.")]
    [InlineData("--preset pd-70b --release-postfix Nope", "--release-postfix is 'Nope'; it must have at most 33 lower-case letters, digits and single hyphens, and begin and end with a letter or digit.")]
    [InlineData("--preset pd-70b --release-postfix a-postfix-that-makes-names-too-long", "--release-postfix is 'a-postfix-that-makes-names-too-long'; it must have at most 33 lower-case letters, digits and single hyphens, and begin and end with a letter or digit.")]
    [InlineData("--preset pd-70b --release-postfix a--b", "--release-postfix is 'a--b'; it must have at most 33 lower-case letters, digits and single hyphens, and begin and end with a letter or digit.")]
    [InlineData("--preset pd-70b --storage-class Fast", "--storage-class is 'Fast'; it must have at most 253 lower-case letters, digits, hyphens and dots, and begin and end with a letter or digit.")]
    [InlineData("--preset pd-70b --rdma-resource rdma/i'b=1", "--rdma-resource is 'rdma/i'b=1'; it must be a resource and how many of it a pod gets, such as rdma/ib=1, or none.")]
    [InlineData("--preset pd-70b --node-selector gpu={{x}}", "--node-selector has 'gpu={{x}}'; it must be a label and its value, such as nvidia.com/gpu.product=NVIDIA-H200, several with commas between.")]
    [InlineData("--preset pd-70b --node-selector -gpu=x", "--node-selector has '-gpu=x'; it must be a label and its value, such as nvidia.com/gpu.product=NVIDIA-H200, several with commas between.")]
    [InlineData("--preset pd-70b --model it's", "--model is 'it's'; to be published it must consist of letters, digits and . _ / : @ - only.")]
    [InlineData("--preset pd-70b --model {{.Values}}", "--model is '{{.Values}}'; to be published it must consist of letters, digits and . _ / : @ - only.")]
    [InlineData("--engines simulator", "--engines is 'simulator', but what is published runs vLLM; leave it out.")]
    [InlineData("--redis on", "--redis is 'on', but a chart holds no Redis yet; leave it out.")]
    [InlineData("--router-port 1", "--router-port is '1', but it is for runs, and this publishes; leave it out.")]
    [InlineData("--dashboard-port 0", "--dashboard-port is '0', but it is for runs, and this publishes; leave it out.")]
    [InlineData("--simulator-time-scale 2", "--simulator-time-scale is '2', but it is for runs, and this publishes; leave it out.")]
    [InlineData("--resources-file r.json", "--resources-file is 'r.json', but it is for runs, and this publishes; leave it out.")]
    [InlineData("--preset pd-70b --rdma-resource rdma/ib", "--rdma-resource is 'rdma/ib'; it must be a resource and how many of it a pod gets, such as rdma/ib=1, or none.")]
    [InlineData("--preset pd-70b --node-selector h200", "--node-selector has 'h200'; it must be a label and its value, such as nvidia.com/gpu.product=NVIDIA-H200, several with commas between.")]
    [InlineData("--preset pd-70b --image-registry https://r.io/x", "--image-registry is 'https://r.io/x'; it must be a registry and path without scheme and tag, such as registry.example.com/llm.")]
    public void Mistake_NamesTheOptionAndTheRemedy(string options, string message) => Assert.Equal([message], Read(options).Lines);

    [Fact]
    public void Mistakes_AreNamedTogether()
    {
        var command = Read("--preset vllm-native --gateway gke --prefill-replicas 1 --namespace UPPER --data-parallel 16 --redis on --router-port 1");

        Assert.Equal(2, command.ExitCode);
        Assert.Equal(6, command.Lines.Count);
    }

    [Fact]
    public void TwoRanksOfATooLargeEngine_AreTwoMistakes_OneForEachRole()
    {
        Assert.Equal(2, Read("--preset pd-dp8 --tensor-parallel 2").Lines.Count);
    }

    [Theory]
    [InlineData("--storage-class csi.fast.example.com")]
    [InlineData("--node-selector nvidia.com/gpu.product=NVIDIA-H200,empty=")]
    [InlineData("--preset pd-70b --autoscaling none")]
    [InlineData("--preset pd-70b --cpu 500m,1.5 --memory 16384Mi,0.1Ti --shared-memory 1G")]
    [InlineData("--preset default --tensor-parallel 16 --nodes-per-engine 2")]
    [InlineData("--preset pd-dp8 --front router --data-parallel 64 --nodes-per-engine 8")]
    [InlineData("--engines vllm --redis off")]
    [InlineData("--model @cache/RedHatAI/Llama-3.3_70B:1")]
    public void WhatClustersTake_IsTaken(string options) => Assert.Equal([], Read(options).Lines);

    [Fact]
    public void WhatSettingsSayOfRuns_IsNoMistakeOfPublishing()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("router-port", "30001"), new("LLMD_APPHOST_ENGINES", "simulator")]).Build();

        Assert.Equal([], StackCommand.Read([], settings, isPublishing: true).Lines);
    }

    [Fact]
    public void Settings_PublishAsTheCommandLineDoes()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("autoscaling", "keda"), new("max-replicas", "8,4"), new("min-replicas", "2"), new("target-queue", "3"), new("memory", "96Gi"), new("nodes-per-engine", "1,2"),
            new("objectives", "chat=10"), new("inference-pool-version", "v1alpha2"), new("LLMD_APPHOST_ALERT_TTFT", "2.5"),
        ]).Build();

        var plan = StackCommand.Read(["--preset", "pd-70b"], settings, isPublishing: true).Options!.Cluster;

        Assert.Equal((AutoscalingKind.Keda, 3), (plan.Autoscaling.Kind, plan.Autoscaling.TargetQueue));
        Assert.Equal((new ReplicaRange(2, 8), new ReplicaRange(2, 4)), (plan.Prefill!.Range, plan.Decode.Range));
        Assert.Equal(("96Gi", 1, 2), (plan.Decode.Memory, plan.Prefill.Nodes, plan.Decode.Nodes));
        Assert.Equal((PoolVersion.V1Alpha2, 2.5), (plan.PoolVersion, plan.AlertTimeToFirstToken));
        Assert.Equal([new("chat", 10)], plan.Objectives);
    }

    private static StackCommand Read(string options) => StackCommand.Read(options.Split(' '), new ConfigurationBuilder().Build(), isPublishing: true);
}
