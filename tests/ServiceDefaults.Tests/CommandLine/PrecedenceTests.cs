using static LlmdAspire.ServiceDefaults.Tests.CommandLine.FlagReading;

namespace LlmdAspire.ServiceDefaults.Tests.CommandLine;

public sealed class PrecedenceTests
{
    [Theory]
    [InlineData("--size 2", "3", "4", 2)]
    [InlineData("", "3", "4", 3)]
    [InlineData("", null, "4", 4)]
    [InlineData("", null, null, 1)]
    public void Read_TakesCommandLineThenEnvironmentThenFileThenDefault(string commandLine, string? environment, string? file, int expected)
    {
        using var config = new TemporaryFile(".yaml", file is null ? "" : $"size: {file}");
        (string, string)[] variables = environment is null ? [] : [("LLMD_TINY_SERVICE_SIZE", environment)];

        var flags = Read($"{commandLine} --config {config.Path}", variables);

        Assert.Equal(expected, flags.Size.Value);
        Assert.Equal(expected != 1, flags.Size.IsGiven);
    }

    [Fact]
    public void Read_ConfigFileMayBeNamedByTheEnvironment()
    {
        using var config = new TemporaryFile(".json", """{"size": 5}""");

        var flags = Read("", ("LLMD_TINY_SERVICE_CONFIG", config.Path));

        Assert.Equal(5, flags.Size.Value);
    }

    [Fact]
    public void Read_ListOnTheCommandLineReplacesThatOfTheFile()
    {
        using var config = new TemporaryFile(".yaml", "worker-urls: [http://a, http://b]");

        Assert.Equal(["http://c"], Read($"--worker-urls http://c --config {config.Path}").WorkerUrls.Value);
        Assert.Equal(["http://a", "http://b"], Read($"--config {config.Path}").WorkerUrls.Value);
    }

    [Theory]
    [InlineData("http://localhost:5001", null, "localhost", 5001)]
    [InlineData("https://localhost:7001;http://127.0.0.1:5002", null, "127.0.0.1", 5002)]
    [InlineData("http://*:80", null, "*", 80)]
    [InlineData("http://+:8081/", null, "+", 8081)]
    [InlineData("http://[::1]:5003", null, "::1", 5003)]
    [InlineData("http://example", null, "example", 80)]
    [InlineData("https://localhost:7001", null, "127.0.0.1", 0)]
    [InlineData(null, "8085;8086", "*", 8085)]
    [InlineData("http://localhost:5001", "8085", "localhost", 5001)]
    public void Read_WithoutPort_TakesAspNetsAddress(string? urls, string? ports, string host, int port)
    {
        var flags = Read("", ("ASPNETCORE_URLS", urls!), ("HTTP_PORTS", ports!));

        Assert.Equal((host, port), (flags.Host.Value, flags.Port.Value));
        Assert.False(flags.Port.IsGiven);
    }

    [Fact]
    public void Read_PortBeatsAspNetsAddressAltogether()
    {
        var flags = Read("--port 7000", ("ASPNETCORE_URLS", "http://0.0.0.0:5001"));

        Assert.Equal(("127.0.0.1", 7000), (flags.Host.Value, flags.Port.Value));
    }

    [Fact]
    public void Read_HostBeatsThatOfAspNetsAddress()
    {
        var flags = Read("--host 127.0.0.2", ("ASPNETCORE_URLS", "http://0.0.0.0:5001"));

        Assert.Equal(("127.0.0.2", 5001), (flags.Host.Value, flags.Port.Value));
    }

    [Fact]
    public void Read_KubernetesServiceLinkIsNotAPort()
    {
        var flags = Read("", ("LLMD_TINY_SERVICE_PORT", "tcp://10.0.0.1:80"));

        Assert.False(flags.Port.IsGiven);
    }

    [Theory]
    [InlineData("LLMD_TINY_SERVICE_PORT")]
    [InlineData("LLMD_TINYSERVICE_PORT")]
    public void Read_TheEnvironmentCallsAProgramByItsNameOrByItsFolders(string name) =>
        Assert.Equal(7001, Read("", (name, "7001")).Port.Value);
}
