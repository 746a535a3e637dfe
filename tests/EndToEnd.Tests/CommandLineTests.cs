using System.Net;
using System.Net.Sockets;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>Wrong usage ends with lines that name the mistake and the remedy, and exit code 2.</summary>
public sealed class CommandLineTests
{
    private static readonly string s_dll = typeof(Projects.AppHost).Assembly.Location;

    [Theory]
    [InlineData("--preset nope", "--preset is 'nope'; it must be one of default, vllm-native, pd-dp8, epp-sticky, pd-70b.")]
    [InlineData("--no-such-option", "--no-such-option is not an option; --help lists them.")]
    [InlineData("--router-port 70000", "--router-port is '70000'; it must be a port from 1 to 65535, or 0 for any free one.")]
    [InlineData("--operation dance", "--operation is 'dance'; known operations are run and publish.")]
    [InlineData("--resources-file /no/such/a.json", "--resources-file is '/no/such/a.json'; the folder /no/such does not exist: create it, or choose another file.")]
    [InlineData("--engines", "--engines needs a value: --engines auto|vllm|simulator.")]
    public async Task Mistake_IsOneLine_WithExitCodeTwo(string arguments, string line)
    {
        var (code, _, errors) = await Tool.RunAsync("dotnet", [s_dll, .. arguments.Split(' ')]);

        Assert.Equal(2, code);
        Assert.Equal(line, errors.TrimEnd());
    }

    [Fact]
    public async Task SeveralMistakes_AreNamedTogether()
    {
        var (code, _, errors) = await Tool.RunAsync("dotnet", [s_dll, "--preset", "nope", "--redis", "maybe"]);

        Assert.Equal(2, code);
        Assert.Equal(2, errors.TrimEnd().Split('\n').Length);
    }

    [Theory]
    [InlineData("--help", "--simulator-time-scale FACTOR")]
    [InlineData("--list-presets", "vllm-native")]
    [InlineData("--version", "apphost 0.")]
    public async Task Question_IsAnswered_WithExitCodeZero(string argument, string part)
    {
        var (code, output, errors) = await Tool.RunAsync("dotnet", [s_dll, argument]);

        Assert.Equal(0, code);
        Assert.Contains(part, output, StringComparison.Ordinal);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task BusyRouterPort_IsOneLine_WithExitCodeTwo()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var (code, _, errors) = await Tool.RunAsync("dotnet", [s_dll, "--engines", "simulator", "--router-port", $"{port}"]);

        Assert.Equal(2, code);
        Assert.Equal($"--router-port {port} is in use; stop what uses it, choose another port, or 0 for any free one.", errors.TrimEnd());
    }
}
