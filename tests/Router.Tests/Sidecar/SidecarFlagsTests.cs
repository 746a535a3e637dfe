using LlmdAspire.Router.Sidecar;

namespace LlmdAspire.Router.Tests.Sidecar;

public sealed class SidecarFlagsTests
{
    [Fact]
    public void Contract_AndLlmdsManifests_AreTaken()
    {
        var flags = new SidecarFlags();

        Assert.Null(flags.Read(["--mode", "sidecar", "--port", "8000", "--vllm-port", "8200", "--connector", "nixlv2", "--data-parallel-size", "8"]));
        Assert.Equal((8000, 8200, 8, false), (flags.Port.Value, flags.VllmPort.Value, flags.DataParallelSize.Value, flags.SecureProxy.Value));
        Assert.Equal([8001, 8002, 8003, 8004, 8005, 8006, 8007], flags.RankPorts);
        Assert.Null(new SidecarFlags().Read(["--port=8000", "--kv-connector=nixlv2", "--zap-log-level=1", "--secure-serving=false"]));
        Assert.Null(new SidecarFlags().Read(["-port=8000", "-vllm-port=8200", "-connector=nixlv2", "-v=5", "--secure-proxy=false", "--zap-encoder=json", "--tracing"]));
        Assert.Null(new SidecarFlags().Read(["--model-server-port=8001", "--enable-tls=prefiller,decoder", "--tls-insecure-skip-verify", "decoder"]));
    }

    [Theory]
    [InlineData("--kv-connector is 'shared-storage'; it is not supported yet; use nixlv2.", "--connector", "shared-storage")]
    [InlineData("--kv-connector is 'nixlv3'; it must be nixlv2.", "--kv-connector", "nixlv3")]
    [InlineData("--secure-proxy is 'true'; it is not supported yet; give false", "--secure-serving")]
    [InlineData("--enable-tls is 'encoder'; it names encoder, which is not supported yet", "--enable-tls", "encoder")]
    [InlineData("--ec-connector is not supported yet: there is no encoder stage", "--ec-connector=ec-nixl")]
    [InlineData("--inference-pool is not supported yet: no pool is watched; list the hosts with --allowed-prefillers.", "--inference-pool", "default/pool")]
    [InlineData("--moriio-write-mode is not supported yet: blocks travel by NIXL only", "--moriio-write-mode")]
    [InlineData("--decoder-use-tls is the old spelling of --enable-tls decoder; use that.", "--decoder-use-tls")]
    [InlineData("--policy is not for --mode sidecar, which sends everything to the engine of its pod; leave it out.", "--policy", "random")]
    [InlineData("--worker-urls is not for --mode sidecar", "--worker-urls", "http://a:1", "http://b:1")]
    [InlineData("--prt is not an option; did you mean --port?", "--prt", "1")]
    [InlineData("--mode is 'side-car'; it must be router or sidecar.", "--mode", "side-car")]
    [InlineData("--enable-ssrf-protection needs the hosts that may be named; give --allowed-prefillers", "--enable-ssrf-protection")]
    [InlineData("--allowed-prefillers is a list for --enable-ssrf-protection; add that.", "--allowed-prefillers", "10.0.0.1")]
    [InlineData("--allowed-prefillers: '10.0.0.0/99' is no host", "--enable-ssrf-protection", "--allowed-prefillers", "10.0.0.0/99")]
    [InlineData("--vllm-port is 8003; the ports of the ranks here, 8000 to 8007, must not meet those of the engine", "--vllm-port", "8003", "--data-parallel-size", "8")]
    [InlineData("--data-parallel-size is 8; from port 65530 up there are only 6 ports", "--port", "65530", "--data-parallel-size", "8")]
    public void Mistake_IsNamedWithItsRemedy(string expected, params string[] args)
    {
        var exit = new SidecarFlags().Read(args);

        Assert.Equal(2, exit?.ExitCode);
        Assert.StartsWith(expected, Assert.Single(exit!.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_AreListedTogether() =>
        Assert.Equal(3, new SidecarFlags().Read(["--policy", "random", "--connector", "sglang", "--vllm-port", "0"])!.Lines.Count);

    [Theory]
    [InlineData(true, "--mode", "sidecar", "--help")]
    [InlineData(true, "--vllm-port", "1", "--mode=sidecar")]
    [InlineData(false, "--mode", "router")]
    [InlineData(false, "--worker-urls", "http://a:1", "http://b:1")]
    public void Mode_IsFoundAmongTheFlagsOfEither(bool isSidecar, params string[] args) => Assert.Equal(isSidecar, ModeFlag.IsSidecar(args));

    [Fact]
    public void Router_SaysThatAFlagIsTheSidecars() =>
        Assert.Equal(["--vllm-port belongs to --mode sidecar; add that, or leave it out."], new RouterFlags().Read(["--vllm-port", "8200"])!.Lines);
}
