namespace LlmdAspire.AppHost.Tests;

public sealed class ParentWatchTests
{
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
