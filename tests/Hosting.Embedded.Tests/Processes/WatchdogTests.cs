using System.Diagnostics;

namespace LlmdAspire.Hosting.Embedded.Processes;

public sealed class WatchdogTests
{
    public WatchdogTests() => Shell.SkipWhereThereIsNone();

    [Fact]
    public async Task SigkillOfTheParent_EndsChildrenAndGrandchildrenAndTheWatchdog()
    {
        using var parent = new DoomedParent([.. Enumerable.Repeat(Shell.WithGrandchild, 12)]);
        var family = await parent.WaitUntilReadyAsync();

        parent.Kill();

        Assert.Equal(12 * 2 + 1, family.Count);
        await Shell.AllEndedAsync(family);
    }

    [Fact]
    public async Task SigkillOfTheWholeTree_LeavesNothingEither()
    {
        using var parent = new DoomedParent(Shell.WithGrandchild, Shell.Stubborn);
        var family = await parent.WaitUntilReadyAsync();

        parent.KillTree();

        Assert.Equal(2 + 1 + 1, family.Count);
        await Shell.AllEndedAsync(family);
    }

    [Fact]
    public async Task SigkillOfTheParent_AChildThatIgnoresSigterm_IsKilled()
    {
        using var parent = new DoomedParent(Shell.Stubborn);
        var family = await parent.WaitUntilReadyAsync();

        parent.Kill();

        await Shell.AllEndedAsync(family);
    }

    [Fact]
    public async Task SigkillOfTheParent_AChildIsAskedPolitelyFirst()
    {
        var note = Path.GetTempFileName();
        using var parent = new DoomedParent($"trap 'echo asked > {note}; exit' TERM; echo pid $$; echo ready; while :; do sleep 0.1; done");
        var family = await parent.WaitUntilReadyAsync();

        parent.Kill();

        await Shell.AllEndedAsync(family);
        Assert.Equal("asked\n", File.ReadAllText(note));
        File.Delete(note);
    }

    [Fact]
    public async Task SigkillOfTheParent_AnOrphanInASessionOfItsOwn_IsFoundByItsMark()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the environment of other processes can be read on Linux only");
        Assert.SkipUnless(ProgramSearch.Find("setsid") is not null, "there is no setsid program");
        // The middle shell ends at once, so that nothing links the sleeper to the child any more.
        using var parent = new DoomedParent("sh -c 'setsid sleep 600 & echo pid $!'; echo pid $$; echo ready; while :; do sleep 600; done");
        var family = await parent.WaitUntilReadyAsync();

        parent.Kill();

        await Shell.AllEndedAsync(family);
    }

    [Fact]
    public async Task TheWatchdog_LeadsASessionOfItsOwn()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sessions are read from /proc");
        Assert.SkipUnless(ProgramSearch.Find("setsid") is not null, "there is no setsid program");
        await using var watchdog = new Watchdog(Guid.NewGuid().ToString("N"));

        // setsid replaces itself by the shell a moment after the start.
        string SessionOf(int id) => File.ReadAllText($"/proc/{id}/stat").Split(") ")[1].Split(' ')[3];
        while (SessionOf(watchdog.Id) != watchdog.Id.ToString())
        {
            await Task.Delay(5);
        }
    }

    [Fact]
    public async Task Dispose_WithNothingLeft_EndsTheWatchdogAtOnce()
    {
        var watchdog = new Watchdog(Guid.NewGuid().ToString("N"));
        var shell = ProcessTable.Find(watchdog.Id)!.Value;

        await watchdog.DisposeAsync();

        Assert.False(ProcessTable.IsAlive(shell));
    }

    [Fact]
    public async Task AProcessThatWasReportedAsEnded_IsLeftAlone()
    {
        using var bystander = Process.Start("sleep", "600");
        var watchdog = new Watchdog(Guid.NewGuid().ToString("N"));
        watchdog.ProcessStarted(bystander.Id);
        watchdog.ProcessEnded(bystander.Id);

        await watchdog.DisposeAsync();

        Assert.False(bystander.HasExited);
        bystander.Kill();
    }

    [Fact]
    public async Task AWatchdogThatWasKilled_IsReplacedAndKnowsWhatTheFirstKnew()
    {
        using var first = Process.Start("sleep", "600");
        using var second = Process.Start("sleep", "600");
        var watchdog = new Watchdog(Guid.NewGuid().ToString("N"));
        watchdog.ProcessStarted(first.Id);
        var killed = ProcessTable.Find(watchdog.Id)!.Value;
        using (var shell = Process.GetProcessById(killed.Id))
        {
            shell.Kill();
        }

        await Shell.AllEndedAsync([killed]);
        watchdog.ProcessStarted(second.Id);

        Assert.NotEqual(killed.Id, watchdog.Id);
        await watchdog.DisposeAsync();
        await Task.WhenAll(first.WaitForExitAsync(), second.WaitForExitAsync());
    }
}
