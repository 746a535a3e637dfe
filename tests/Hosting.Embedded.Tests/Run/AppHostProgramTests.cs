using System.Globalization;
using System.Net;
using System.Reflection;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Hosting.Embedded.Tests.Run;

/// <summary>An AppHost as a user starts it: a process with output, signals and an exit code.</summary>
public sealed class AppHostProgramTests
{
    private static readonly Assembly s_appHost = typeof(Projects.SampleAppHost).Assembly;

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Signal_EndsEverything(string signal)
    {
        await using var appHost = ChildProgram.Start(s_appHost, []);
        await appHost.WaitForLineAsync("second | greetings");
        var children = ChildrenOf(appHost.Id);

        await appHost.SignalAsync(signal);

        Assert.Equal(0, await appHost.WaitForExitAsync());
        Assert.True(children.Count >= 2, "the two greeters were children");
        await Eventually.TrueAsync(() => !children.Any(IsAlive), "the watchdog ends last");
    }

    [Fact]
    public async Task Kill_EndsEverythingToo()
    {
        await using var appHost = ChildProgram.Start(s_appHost, []);
        await appHost.WaitForLineAsync("second | greetings");
        var children = ChildrenOf(appHost.Id);

        await appHost.SignalAsync("KILL");

        await Eventually.TrueAsync(() => !children.Any(IsAlive));
    }

    [Fact]
    public async Task LinesOfResources_StandBehindTheirPaddedNames()
    {
        await using var appHost = ChildProgram.Start(s_appHost, []);

        Assert.Equal("first  | greetings", await appHost.WaitForLineAsync("first  |"));
    }

    [Fact]
    public async Task BusyPort_IsOneLine_AndExitCode2()
    {
        using var listener = TestPorts.Take();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var appHost = ChildProgram.Start(s_appHost, ["--port", port.ToString(CultureInfo.InvariantCulture)]);

        Assert.Equal(2, await appHost.WaitForExitAsync());
        Assert.Equal([$"Port {port} of resource 'first' (endpoint 'http') is in use; stop what uses it or choose another port."], appHost.Errors);
    }

    [Theory]
    [InlineData("--operation publish", "Say what to do with --step publish; without a step, Aspire would build, push and deploy as well.")]
    [InlineData("--operation publish --step deploy", "The step 'deploy' is part of the Aspire packages; --step publish works here, and -p:AspireHosting=Packages builds with the others.")]
    [InlineData("--operation publish --step publish", "The application has no cluster to be published to; AddKubernetesEnvironment adds one.")]
    [InlineData("--publisher manifest", "The publisher 'manifest' is part of the Aspire packages; build with -p:AspireHosting=Packages to use it.")]
    public async Task PublishingWhatIsNotHere_IsRefused_WithOneLine_AndExitCode2(string options, string line)
    {
        await using var appHost = ChildProgram.Start(s_appHost, options.Split(' '));

        Assert.Equal(2, await appHost.WaitForExitAsync());
        Assert.Equal([line], appHost.Errors);
    }

    private static List<int> ChildrenOf(int parent)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc to find children");
        return [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && ParentOf(id) == parent)];
    }

    private static int ParentOf(int id)
    {
        try
        {
            // pid (name) state ppid ...; the name may contain spaces.
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static bool IsAlive(int id) => ParentOf(id) != 0 && !File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat")).Contains(") Z ", StringComparison.Ordinal);
}
