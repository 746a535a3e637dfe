using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>However the AppHost ends, nothing it started stays behind.</summary>
public sealed class LifetimeTests
{
    // Under dotnet run as users start it, the Aspire dashboard included.
    public static TheoryData<string, bool> Endings => new()
    {
        { "INT", false },
        { "TERM", false },
        { "KILL", false },
        { "KILL", true },
        { "TERM", true },
    };

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task EndingTheAppHost_LeavesNoProcess(string signal, bool atDotnetRun)
    {
        await using var appHost = AppHostProcess.Start(underDotnetRun: atDotnetRun, aspireDashboard: atDotnetRun);
        await appHost.ReadyAsync();
        var processes = appHost.Resources.Select(resource => resource.Pid).ToList();
        Assert.Equal(8, processes.Count);
        Assert.All(processes, pid => Assert.True(Signal.IsAlive(pid)));
        var descendants = ProcessView.Tree(appHost.Process.Id);

        Signal.Send(signal, appHost.Process.Id);

        await Eventually.TrueAsync(
            () => !processes.Concat(descendants).Any(Signal.IsAlive), "every process of the stack has ended");
        await appHost.Process.WaitForExitAsync().WaitAsync(Eventually.Timeout);
        if (signal == "INT")
        {
            // Ctrl+C is how users end it.
            Assert.Equal(0, appHost.Process.ExitCode);
        }
    }
}
