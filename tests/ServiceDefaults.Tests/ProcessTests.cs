using System.Net;
using LlmdAspire.ServiceDefaults.Tests.Tiny;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.ServiceDefaults.Tests;

/// <summary>The tiny service as a real process: what scripts and supervisors see.</summary>
public sealed class ProcessTests
{
    [Fact]
    public async Task Help_ListsFlagsWithDefaultsAndEndsWith0()
    {
        await using var tiny = TinyProcess.Start("--help");

        Assert.Equal(0, await tiny.WaitForExitAsync());
        Assert.Contains(tiny.Output, line => line.Contains("--drain-timeout DURATION", StringComparison.Ordinal) && line.EndsWith("[30s]", StringComparison.Ordinal));
        Assert.Contains(tiny.Output, line => line.Contains("--worker-urls, --workers TEXT ...", StringComparison.Ordinal));
        Assert.Empty(tiny.Errors);
    }

    [Fact]
    public async Task Help_NeverShowsSecrets()
    {
        await using var tiny = ChildProgram.Start(
            typeof(TinyService).Assembly, [TinyFlags.ProgramName, "--help"], new Dictionary<string, string> { ["LLMD_TINY_SERVICE_ADMIN_KEY"] = "hush" });

        Assert.Equal(0, await tiny.WaitForExitAsync());
        Assert.DoesNotContain(tiny.Output, line => line.Contains("hush", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Version_IsPrintedAndEndsWith0()
    {
        await using var tiny = TinyProcess.Start("--version");

        Assert.Equal(0, await tiny.WaitForExitAsync());
        Assert.Matches(@"^tiny-service \d+\.\d+\.\d+", Assert.Single(tiny.Output));
    }

    [Fact]
    public async Task Mistakes_AreLinesOnStandardErrorAndExitCode2()
    {
        await using var tiny = TinyProcess.Start("--sise", "3", "--port", "x");

        Assert.Equal(2, await tiny.WaitForExitAsync());
        Assert.Equal(
            [
                "tiny-service: --sise is not an option; did you mean --size? --help lists the options.",
                "tiny-service: --port is 'x'; it must be a whole number.",
            ],
            tiny.Errors);
        Assert.Empty(tiny.Output);
    }

    [Fact]
    public async Task MistakesFoundByTheService_AreLinesAndExitCode2()
    {
        await using var tiny = TinyProcess.Start("--fail", "usage");

        Assert.Equal(2, await tiny.WaitForExitAsync());
        Assert.Equal(["tiny-service: --fail is 'usage'; use another.", "tiny-service: and a second mistake."], tiny.Errors);
    }

    [Fact]
    public async Task AnythingElse_IsExitCode1()
    {
        await using var tiny = TinyProcess.Start("--fail", "crash");

        Assert.Equal(1, await tiny.WaitForExitAsync());
        Assert.Contains("crashed as asked", tiny.Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task FailedBackgroundWork_StopsTheServiceWithExitCode1()
    {
        await using var tiny = TinyProcess.Start("--fail", "background");

        Assert.Equal(1, await tiny.WaitForExitAsync());
        Assert.Contains(tiny.Output.Concat(tiny.Errors), line => line.Contains("failed as asked", StringComparison.Ordinal));
    }

    [Fact]
    public async Task BusyPort_IsOneLineAndExitCode2()
    {
        using var taken = TestPorts.Take();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await using var tiny = TinyProcess.Start("--port", $"{port}");

        Assert.Equal(2, await tiny.WaitForExitAsync());
        Assert.Equal([$"tiny-service: port {port} on 127.0.0.1 is already in use; choose another with --port."], tiny.Errors);
        Assert.Empty(tiny.Output);
    }

    [Fact]
    public async Task BusyAdditionalPort_NamesItsOwnFlag()
    {
        using var taken = TestPorts.Take();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await using var tiny = TinyProcess.Start("--second-port", $"{port}");

        Assert.Equal(2, await tiny.WaitForExitAsync());
        Assert.Equal([$"tiny-service: port {port} on 127.0.0.1 is already in use; choose another with --second-port."], tiny.Errors);
    }

    [Fact]
    public async Task ForeignHost_IsOneLineAndExitCode2()
    {
        await using var tiny = TinyProcess.Start("--host", "192.0.2.1", "--port", "30123");

        Assert.Equal(2, await tiny.WaitForExitAsync());
        Assert.Equal(["tiny-service: 192.0.2.1 is not an address of this machine; choose another with --host."], tiny.Errors);
    }

    [Fact]
    public async Task Start_LogsProgramVersionAndAddressInOneLineAndNothingElse()
    {
        await using var tiny = ChildProgram.Start(
            typeof(TinyService).Assembly, [TinyFlags.ProgramName, "--port", "0"], new Dictionary<string, string>
            {
                // What a shell, Aspire and a container image may set, all at once.
                ["ASPNETCORE_URLS"] = "http://localhost:1",
                ["ASPNETCORE_HTTP_PORTS"] = "2",
                ["DOTNET_URLS"] = "http://localhost:3",
                ["URLS"] = "http://localhost:4",
            });

        await tiny.WaitForUrlAsync();
        await tiny.SignalAsync("TERM");

        Assert.Equal(0, await tiny.WaitForExitAsync());
        Assert.Matches(@"^\d\d:\d\d:\d\d info \S+: tiny-service \d\S+ listens on http://127\.0\.0\.1:\d+$", tiny.Output[0]);
        Assert.Equal(2, tiny.Output.Count);
        Assert.Empty(tiny.Errors);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Signal_LetsRunningRequestsFinishAndRefusesNewOnes(string signal)
    {
        await using var tiny = TinyProcess.Start();
        var url = await tiny.WaitForUrlAsync();
        using var client = new HttpClient();
        using var slow = await client.GetAsync(new Uri(url, "/slow/1500"), HttpCompletionOption.ResponseHeadersRead);

        await tiny.SignalAsync(signal);
        await tiny.WaitForLineAsync("Stopping; running requests have 30 s to finish: 1");
        using var other = new HttpClient();
        await Eventually.TrueAsync(async () => await IsRefusedAsync(other, url));

        Assert.Equal("begun done", await slow.Content.ReadAsStringAsync());
        Assert.Equal(0, await tiny.WaitForExitAsync());
        Assert.Contains(tiny.Output, line => line.EndsWith(": Stopped", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Signal_CutsWhatRunsLongerThanTheDrainTimeoutAndSaysHowMany()
    {
        await using var tiny = TinyProcess.Start("--drain-timeout", "200ms");
        var url = await tiny.WaitForUrlAsync();
        using var client = new HttpClient();
        using var first = await client.GetAsync(new Uri(url, "/slow/600000"), HttpCompletionOption.ResponseHeadersRead);
        using var second = await client.GetAsync(new Uri(url, "/slow/600000"), HttpCompletionOption.ResponseHeadersRead);

        await tiny.SignalAsync("TERM");

        Assert.Equal(0, await tiny.WaitForExitAsync());
        Assert.Contains(tiny.Output, line => line.EndsWith("Stopped; running requests were cut: 2", StringComparison.Ordinal));
        await Assert.ThrowsAnyAsync<Exception>(() => first.Content.ReadAsStringAsync());
    }

    private static async Task<bool> IsRefusedAsync(HttpClient client, Uri url)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri(url, "/alive"));
            return false;
        }
        catch (HttpRequestException)
        {
            return true;
        }
    }
}
