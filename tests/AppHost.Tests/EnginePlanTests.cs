using Microsoft.Extensions.Configuration;

namespace LlmdAspire.AppHost.Tests;

public sealed class EnginePlanTests
{
    private static readonly Workstation s_laptop = new(Gpus: 0, HasContainerRuntime: true);
    private static readonly Workstation s_twoGpus = new(Gpus: 2, HasContainerRuntime: true);

    [Fact]
    public void Auto_WithoutGpus_Simulates() => Assert.Equal(new EnginePlan(true, 4, false), Plan(s_laptop));

    [Fact]
    public void Auto_WithoutAContainerRuntime_Simulates() => Assert.True(Plan(s_twoGpus with { HasContainerRuntime = false }).IsSimulated);

    [Fact]
    public void Auto_WithGpus_RunsAnEngineOnEach() => Assert.Equal(new EnginePlan(false, 2, false), Plan(s_twoGpus));

    [Fact]
    public void Simulator_DoesNotEvenLookForGpus()
    {
        var plan = EnginePlan.For(Options(EngineKind.Simulator), 4, Configuration(), () => throw new InvalidOperationException("looked"));

        Assert.True(plan.IsSimulated);
    }

    [Fact]
    public void Vllm_WithoutGpus_IsRefusedWithTheReasonAndTheRemedy()
    {
        var mistake = Assert.Throws<DistributedApplicationException>(() => Plan(s_laptop, EngineKind.Vllm));

        Assert.Equal(
            "--engines is 'vllm', but no GPU was found (nvidia-smi lists none); leave it out, or use --engines simulator, to run simulated engines.",
            mistake.Message);
    }

    [Fact]
    public void GatedModel_WithoutAToken_IsRefusedBeforeAnythingIsFetched()
    {
        var mistake = Assert.Throws<DistributedApplicationException>(() => Plan(s_twoGpus, model: "meta-llama/Llama-3.1-8B-Instruct"));

        Assert.StartsWith("--model is 'meta-llama/Llama-3.1-8B-Instruct', which is gated: set HF_TOKEN", mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GatedModel_WithAToken_Runs()
    {
        var plan = EnginePlan.For(
            Options(EngineKind.Auto) with { Model = "meta-llama/Llama-3.1-8B-Instruct" }, 4, Configuration(("HF_TOKEN", "t")), () => s_twoGpus);

        Assert.True(plan.HasToken);
    }

    private static EnginePlan Plan(Workstation here, EngineKind kind = EngineKind.Auto, string model = "m") =>
        EnginePlan.For(Options(kind) with { Model = model }, 4, Configuration(), () => here);

    private static StackOptions Options(EngineKind kind) => StackCommand.Read([], Configuration(), isPublishing: false).Options! with { Engines = kind };

    private static IConfiguration Configuration(params (string Key, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(value => KeyValuePair.Create(value.Key, (string?)value.Value)))
        .Build();
}
