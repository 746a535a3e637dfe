using System.Diagnostics;

namespace LlmdAspire.Hosting.Embedded.Processes;

public sealed class ParentWatchTests
{
    internal const string Role = "watches its parent";

    [Theory]
    [InlineData(true, "dotnet", "run", "--project", "AppHost")]
    [InlineData(true, "/usr/share/dotnet/dotnet", "-d", "run")]
    [InlineData(true, "dotnet", "watch", "run")]
    [InlineData(true, "dotnet", "exec", "/sdk/DotnetTools/dotnet-watch/dotnet-watch.dll", "--project", "AppHost")]
    [InlineData(true, "dotnet", "exec", "--runtimeconfig=a.json", "/sdk/testhost.dll")]
    [InlineData(false, "dotnet", "AppHost.dll", "run")]
    [InlineData(false, "dotnet", "build")]
    [InlineData(false, "dotnet")]
    [InlineData(false, "-bash")]
    [InlineData(false, "/bin/sh", "run")]
    [InlineData(false)]
    public void IsWrapper_IsTheCliRunningSomethingForTheUser(bool expected, params string[] commandLine)
    {
        Assert.Equal(expected, ParentWatch.IsWrapper(commandLine));
    }

    [Fact]
    public void AChangedParent_IsToldOnce()
    {
        var parent = 40;
        var told = 0;
        var time = new TimeByHand();
        using var watch = new ParentWatch(() => parent, () => told++, time);

        time.Tick();
        Assert.Equal(0, told);

        parent = 1;
        time.Tick();
        time.Tick();
        Assert.Equal(1, told);
    }

    [Fact]
    public async Task SigkillOfTheWrapper_IsNoticed()
    {
        Shell.SkipWhereThereIsNone();
        Assert.SkipUnless(ProgramSearch.Find("bash") is not null, "there is no bash, which can start a program under another name");
        var folder = Directory.CreateTempSubdirectory();
        // The kernel sees a process called "dotnet" with the argument "run": bash, running the script "run".
        File.WriteAllText(Path.Combine(folder.FullName, "run"), $"'{OtherProgram.DotNet}' exec '{OtherProgram.Assembly}' & wait");
        var start = new ProcessStartInfo("bash", ["-c", "exec -a dotnet bash run"]) { WorkingDirectory = folder.FullName, RedirectStandardOutput = true };
        OtherProgram.SetRole(start, Role);
        using var wrapper = Process.Start(start)!;
        Assert.Equal("watching", await wrapper.StandardOutput.ReadLineAsync());

        wrapper.Kill(entireProcessTree: false);

        Assert.Equal("gone", await wrapper.StandardOutput.ReadLineAsync());
        Assert.Null(await wrapper.StandardOutput.ReadLineAsync());
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task ThisTestsOwnShell_IsNoWrapper()
    {
        Shell.SkipWhereThereIsNone();
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"'{OtherProgram.DotNet}' exec '{OtherProgram.Assembly}' & wait"]) { RedirectStandardOutput = true };
        OtherProgram.SetRole(start, Role);
        using var shell = Process.Start(start)!;

        Assert.Equal("nothing to watch", await shell.StandardOutput.ReadLineAsync());
        await shell.WaitForExitAsync();
    }

    /// <summary>The other side.</summary>
    internal static void Run()
    {
        using var gone = new ManualResetEventSlim();
        using var watch = ParentWatch.Start(gone.Set);
        Console.WriteLine(watch is null ? "nothing to watch" : "watching");
        if (watch is not null)
        {
            gone.Wait();
            Console.WriteLine("gone");
        }

        Environment.Exit(0);
    }

    private sealed class TimeByHand : TimeProvider
    {
        private Action? _tick;

        public void Tick() => _tick?.Invoke();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _tick = () => callback(state);
            return System.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
