using Microsoft.Extensions.Configuration;

namespace LlmdAspire.AppHost.Tests;

public sealed class StackCommandTests
{
    [Fact]
    public void NoArguments_GiveTheDefaults()
    {
        var options = Read().Options!;

        Assert.Equal("default", options.Preset.Name);
        Assert.Equal(EngineKind.Auto, options.Engines);
        Assert.Equal(30000, options.RouterPort.Port);
        Assert.Equal(18080, options.DashboardPort.Port);
        Assert.False(options.Redis);
        Assert.Equal(1, options.SimulatorTimeScale);
    }

    [Theory]
    [InlineData("--model", "m")]
    [InlineData("--model=m")]
    public void BothSpellings_OfAValue_AreRead(params string[] args)
    {
        Assert.Equal("m", Read(args).Options!.Model);
    }

    [Fact]
    public void CommandLine_BeatsConfiguration()
    {
        var configuration = Configuration(("model", "configured"), ("router-port", "1234"));

        var options = StackCommand.Read(["--model", "given"], configuration, isPublishing: false).Options!;

        Assert.Equal("given", options.Model);
        Assert.Equal(1234, options.RouterPort.Port);
    }

    [Fact]
    public void EnvironmentVariable_IsNamedAsForEveryProgram_AndBeatsTheFile()
    {
        var configuration = Configuration(("router-port", "1234"), ("LLMD_APPHOST_ROUTER_PORT", "4321"));

        Assert.Equal(4321, StackCommand.Read([], configuration, isPublishing: false).Options!.RouterPort.Port);
    }

    [Theory]
    [InlineData("--simulator-time-scale 0", "--simulator-time-scale is '0'; it must be a number above 0, such as 10.")]
    [InlineData("--preset pd-dp8 --redis on", "--redis is 'on', but preset pd-dp8 has no KV indexer that would use it; leave it out.")]
    [InlineData("--engines gpu", "--engines is 'gpu'; it must be one of auto, vllm, simulator.")]
    [InlineData("preset", "'preset' is not an option; options begin with --, and --help lists them.")]
    [InlineData("--model", "--model needs a value: --model ID.")]
    public void Mistake_NamesTheOptionAndTheRemedy(string args, string message)
    {
        var command = Read(args.Split(' '));

        Assert.Null(command.Options);
        Assert.Equal(2, command.ExitCode);
        Assert.Equal([message], command.Lines);
    }

    [Theory]
    [InlineData("--operation", "run")]
    [InlineData("--environment=Production")]
    [InlineData("--Logging:LogLevel:Default", "Debug")]
    public void AspiresOwnOptions_PassThrough(params string[] args)
    {
        Assert.NotNull(Read(args).Options);
    }

    private static StackCommand Read(params string[] args) => StackCommand.Read(args, Configuration(), isPublishing: false);

    private static IConfiguration Configuration(params (string Key, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(value => KeyValuePair.Create(value.Key, (string?)value.Value)))
        .Build();
}
