using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Tests;

/// <summary>What the integration puts into a model; nothing is started.</summary>
public sealed class VllmResourceTests
{
    [Fact]
    public async Task Engine_IsAContainer_ServingItsModelOnItsPort()
    {
        var builder = Create();

        var engine = builder.AddVllm("engine", "some/model", port: 8123).Resource;

        Assert.Contains(builder.Resources, resource => resource == engine);
        Assert.True(engine.TryGetContainerImageName(out var image));
        Assert.StartsWith("docker.io/vllm/vllm-openai:v", image, StringComparison.Ordinal);
        Assert.Equal(["--model", "some/model", "--host", "0.0.0.0", "--port", "8123", "--enable-prompt-tokens-details"], await ArgumentsAsync(engine));
    }

    [Fact]
    public async Task SimulatedEngine_IsAProject_WithTheSameNameAndEndpoint()
    {
        var builder = Create();
        var engine = builder.AddVllm("engine", "some/model", port: 8123);

        engine.RunAsSimulator<FakeProject>(timeScale: 2.5);

        var simulated = Assert.IsAssignableFrom<ProjectResource>(Assert.Single(builder.Resources, resource => resource.Name == "engine"));
        Assert.Same(engine.Resource.Annotations, simulated.Annotations);
        Assert.False(simulated.TryGetContainerImageName(out _));
        Assert.Equal(["--model", "some/model", "--host", "127.0.0.1", "--port", "8123", "--enable-prompt-tokens-details", "--time-scale", "2.5"], await ArgumentsAsync(simulated));
    }

    [Fact]
    public void Publishing_KeepsTheContainer()
    {
        var builder = DistributedApplication.CreateBuilder(["--operation", "publish", "--step", "publish"]);

        builder.AddVllm("engine", "some/model").RunAsSimulator<FakeProject>();

        Assert.IsType<VllmResource>(Assert.Single(builder.Resources, resource => resource.Name == "engine"));
    }

    [Fact]
    public async Task Router_KnowsItsEnginesByAddress()
    {
        var builder = Create();
        var engines = new[] { builder.AddVllm("a", "m", port: 8001), builder.AddVllm("b", "m", port: 8002) };
        foreach (var engine in engines)
        {
            Allocate(engine.Resource);
        }

        var router = builder.AddLlmdRouter<FakeProject>("router", port: 30123).WithEngines(engines).WithPolicy("round_robin");

        Assert.Equal(
            ["--port", "30123", "--prometheus-port", "0", "--worker-urls", "http://127.0.0.1:8001", "http://127.0.0.1:8002", "--policy", "round_robin"],
            await ArgumentsAsync(router.Resource));
    }

    [Fact]
    public async Task RanksOfAnEngine_AreToldToItself_ThePicker_AndTheRouter()
    {
        var builder = Create();
        var prefill = builder.AddVllm("p", "m", port: 8001).WithDataParallel(8).WithRole(EngineRole.Prefill);
        var decode = builder.AddVllm("d", "m", port: 8002).WithDataParallel(8).WithTensorParallel(2).WithRole(EngineRole.Decode);
        Allocate(prefill.Resource);
        Allocate(decode.Resource);

        var picker = builder.AddEndpointPicker<FakeProject>("epp").WithCandidates(prefill, decode);
        var router = builder.AddLlmdRouter<FakeProject>("router").WithPrefillDecode([prefill], [decode]);

        Assert.Contains("--data-parallel-size 8 --tensor-parallel-size 2", string.Join(' ', await ArgumentsAsync(decode.Resource)), StringComparison.Ordinal);
        Assert.EndsWith(
            "--endpoints http://127.0.0.1:8001@0..7;llm-d.ai/role=prefill;app.kubernetes.io/component=p,http://127.0.0.1:8002@0..7;llm-d.ai/role=decode;app.kubernetes.io/component=d",
            string.Join(' ', await ArgumentsAsync(picker.Resource)), StringComparison.Ordinal);
        Assert.EndsWith(
            "--pd-disaggregation --prefill http://127.0.0.1:8001 --prefill-data-parallel-size 8 --decode http://127.0.0.1:8002 --decode-data-parallel-size 8",
            string.Join(' ', await ArgumentsAsync(router.Resource)), StringComparison.Ordinal);
    }

    [Fact]
    public void EnginesWithoutPorts_GetFreeOnes()
    {
        var builder = Create();

        var ports = new[] { builder.AddVllm("a", "m"), builder.AddVllm("b", "m") }.Select(engine => engine.Resource.HttpEndpoint.TargetPort!.Value).ToList();

        Assert.True(ports[0] >= 8000 && ports[1] > ports[0], string.Join(' ', ports));
    }

    [Theory]
    [InlineData("docker", new int[0], new[] { "--gpus", "2" })]
    [InlineData("docker", new[] { 0, 1 }, new[] { "--gpus", "\"device=0,1\"" })]
    [InlineData("podman", new int[0], new[] { "--device", "nvidia.com/gpu=all" })]
    [InlineData("podman", new[] { 3 }, new[] { "--device", "nvidia.com/gpu=3" })]
    public void Gpus_AreAskedForInTheRuntimesOwnWords(string runtime, int[] indices, string[] arguments)
    {
        Assert.Equal(arguments, GpuRuntimeArgs.For(runtime, new GpuAnnotation(2, indices)));
    }

    [Fact]
    public async Task Container_SharesTheMachinesMemory_ASimulatorHasNone()
    {
        var builder = Create();

        Assert.Equal(["--ipc", "host"], await RuntimeArgumentsAsync(builder.AddVllm("a", "m", port: 8001).Resource));
        Assert.Empty(await RuntimeArgumentsAsync(builder.AddVllm("b", "m", port: 8002).RunAsSimulator<FakeProject>().Resource));
    }

    // Each rank publishes at a port of its own, and only those that were taken are this engine's.
    [Fact]
    public void RanksAfterEvents_AreRefused()
    {
        var engine = Create().AddVllm("a", "m", port: 8001).WithKvEvents(port: 6001, replayPort: 6101);

        _ = engine.WithDataParallel(1);
        var wrong = Assert.Throws<InvalidOperationException>(() => engine.WithDataParallel(2));
        Assert.Contains("call WithDataParallel before WithKvEvents", wrong.Message, StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<object>> RuntimeArgumentsAsync(VllmResource resource)
    {
        var arguments = new List<object>();
        foreach (var annotation in resource.Annotations.OfType<ContainerRuntimeArgsCallbackAnnotation>())
        {
            await annotation.Callback(new ContainerRuntimeArgsCallbackContext(arguments));
        }

        return arguments;
    }

    private static IDistributedApplicationBuilder Create() =>
        DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });

    private static void Allocate(VllmResource engine)
    {
        var endpoint = engine.Annotations.OfType<EndpointAnnotation>().Single();
        endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, endpoint.TargetHost, endpoint.Port!.Value);
    }

    private static async Task<List<string?>> ArgumentsAsync(IResource resource)
    {
        var values = new List<object>();
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>())
        {
            await annotation.Callback(new CommandLineArgsCallbackContext(values, resource));
        }

        var texts = new List<string?>();
        foreach (var value in values)
        {
            texts.Add(value is IValueProvider provider ? await provider.GetValueAsync() : (string)value);
        }

        return texts;
    }
}
