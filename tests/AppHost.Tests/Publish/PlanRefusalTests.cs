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
    [InlineData("--preset pd-70b --tensor-parallel 4,16", "A decode pod would need 16 GPUs (--tensor-parallel 16 x --data-parallel 1), and a node has 8; lower one of them.")]
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
    [InlineData("--redis on", "--redis is 'on', but no service of a published stack uses Redis; leave it out.")]
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
    [InlineData("--engines vllm --redis off")]
    [InlineData("--model @cache/RedHatAI/Llama-3.3_70B:1")]
    public void WhatClustersTake_IsTaken(string options) => Assert.Equal([], Read(options).Lines);

    [Fact]
    public void WhatSettingsSayOfRuns_IsNoMistakeOfPublishing()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("router-port", "30001"), new("LLMD_APPHOST_ENGINES", "simulator")]).Build();

        Assert.Equal([], StackCommand.Read([], settings, isPublishing: true).Lines);
    }

    private static StackCommand Read(string options) => StackCommand.Read(options.Split(' '), new ConfigurationBuilder().Build(), isPublishing: true);
}
