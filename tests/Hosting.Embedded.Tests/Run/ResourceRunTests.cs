using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Hosting.Embedded.Tests.Run;

/// <summary>Resources as real processes: started, waited for, ended, started again.</summary>
public sealed class ResourceRunTests
{
    private const string Forever = "exec sleep 1000";

    [Fact]
    public async Task Program_ReceivesItsEnvironmentAndArguments_AndItsLinesAreKept()
    {
        await using var run = await RunningModel.StartAsync(builder => builder
            .AddExecutable("hello", "sh", ".", "-c", "echo \"$GREETING $1\"; echo careful >&2", "sh", "you")
            .WithEnvironment("GREETING", "hello"));
        await run.WaitAsync("hello", KnownResourceStates.Finished);

        var lines = new List<LogLine>();
        await foreach (var some in run.App.Services.GetService<ResourceLoggerService>().GetAllAsync("hello"))
        {
            lines.AddRange(some);
        }

        Assert.Contains(lines, line => line is { Content: "hello you", IsErrorMessage: false });
        Assert.Contains(lines, line => line is { Content: "careful", IsErrorMessage: true });
    }

    [Fact]
    public async Task WaitForCompletion_HoldsTheStartUntilTheOtherHasEnded()
    {
        await using var run = await RunningModel.StartAsync(builder =>
        {
            var first = builder.AddScript("first", "exit 0");
            builder.AddScript("second", Forever).WaitForCompletion(first);
        });

        await run.WaitAsync("second", KnownResourceStates.Running);

        Assert.Equal(0, run.Now("first").ExitCode);
    }

    [Fact]
    public async Task WaitFor_HoldsTheStartUntilTheOtherIsHealthyAndItsReadyHandlersAreDone()
    {
        var letGo = new TaskCompletionSource();
        await using var run = await RunningModel.StartAsync(builder =>
        {
            var first = builder.AddScript("first", Forever).OnResourceReady((_, _, _) => letGo.Task);
            builder.AddScript("second", Forever).WaitFor(first);
        });
        await run.WaitAsync("first", KnownResourceStates.Running);
        await run.WaitAsync("second", KnownResourceStates.Waiting);

        letGo.SetResult();

        await run.WaitAsync("second", KnownResourceStates.Running);
    }

    [Fact]
    public async Task DependencyThatFails_FailsWhoWaitsForIt()
    {
        await using var run = await RunningModel.StartAsync(builder =>
        {
            var first = builder.AddScript("first", "exit 4");
            builder.AddScript("second", Forever).WaitForCompletion(first);
        });

        await run.WaitAsync("second", KnownResourceStates.FailedToStart);

        Assert.Contains("'second' waits for 'first', which failed: it is in state Finished with exit code 4", await LogAsync(run, "second"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DependencyThatFails_EndsTheWaitForOthersToo()
    {
        await using var run = await RunningModel.StartAsync(builder =>
        {
            var never = builder.AddScript("never", Forever).WithExplicitStart();
            var fails = builder.AddScript("fails", "exit 4");
            builder.AddScript("second", Forever).WaitFor(never).WaitForCompletion(fails);
        });

        await run.WaitAsync("second", KnownResourceStates.FailedToStart);
    }

    [Fact]
    public async Task DisposingWithoutStopping_EndsTheProcesses()
    {
        var run = await RunningModel.StartAsync(builder => builder.AddScript("engine", Forever));
        var process = await run.ProcessIdAsync("engine");

        await Eventually.DoneAsync(run.App.DisposeAsync().AsTask());

        Assert.False(Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}")));
    }

    [Fact]
    public async Task MissingProgram_IsOneLineThatNamesIt()
    {
        await using var run = await RunningModel.StartAsync(builder => builder.AddExecutable("engine", "no-such-program", "."));

        await run.WaitAsync("engine", KnownResourceStates.FailedToStart);

        Assert.Contains("no-such-program", await LogAsync(run, "engine"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BusyPort_StopsTheStart_NamingTheResource()
    {
        using var listener = TestPorts.Take();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;

        var exception = await Assert.ThrowsAsync<DistributedApplicationException>(() => RunningModel.StartAsync(
            builder => builder.AddScript("engine", Forever).WithHttpEndpoint(port: port, isProxied: false)));

        Assert.StartsWith($"Port {port} of resource 'engine'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Crash_LeavesTheResourceFinished_AndStartBringsItBackOnItsPorts()
    {
        await using var run = await RunningModel.StartAsync(builder => builder.AddScript("engine", Forever).WithHttpEndpoint());
        var first = await run.ProcessIdAsync("engine");
        var urls = run.Now("engine").Urls;

        using (var process = Process.GetProcessById(first))
        {
            process.Kill();
        }

        var ended = (await run.WaitAsync("engine", KnownResourceStates.Finished)).Snapshot;
        Assert.Equal(137, ended.ExitCode);
        Assert.Null(RunningModel.ProcessId(ended));

        Assert.True((await run.CommandAsync("engine", KnownResourceCommands.StartCommand)).Success);
        Assert.NotEqual(first, await run.ProcessIdAsync("engine"));
        Assert.Equal(urls, run.Now("engine").Urls);
        Assert.Null(run.Now("engine").ExitCode);
    }

    [Fact]
    public async Task StopAndRestart_AreCommands()
    {
        var stopped = new List<string>();
        await using var run = await RunningModel.StartAsync(builder => builder.AddScript("engine", Forever)
            .OnResourceStopped((_, e, _) =>
            {
                stopped.Add(e.ResourceEvent.Snapshot.State!.Text);
                return Task.CompletedTask;
            }));
        var first = await run.ProcessIdAsync("engine");

        Assert.True((await run.CommandAsync("engine", KnownResourceCommands.RestartCommand)).Success);
        var second = await run.ProcessIdAsync("engine");
        Assert.True((await run.CommandAsync("engine", KnownResourceCommands.StopCommand)).Success);

        Assert.NotEqual(first, second);
        Assert.Equal(KnownResourceStates.Exited, run.Now("engine").State?.Text);
        Assert.Equal(["Exited", "Exited"], stopped);
        Assert.False(Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{second}")));
    }

    [Fact]
    public async Task StopCommand_InterruptsAResourceThatWaits()
    {
        await using var run = await RunningModel.StartAsync(builder =>
            builder.AddScript("second", Forever).WaitFor(builder.AddScript("first", Forever).WithExplicitStart()));
        await run.WaitAsync("second", KnownResourceStates.Waiting);

        Assert.True((await run.CommandAsync("second", KnownResourceCommands.StopCommand)).Success);

        Assert.Equal(KnownResourceStates.Exited, run.Now("second").State?.Text);
        Assert.Equal(KnownResourceStates.NotStarted, run.Now("first").State?.Text);
    }

    [Fact]
    public async Task UnknownCommandAndResource_AreFailedResults()
    {
        await using var run = await RunningModel.StartAsync(builder => builder.AddScript("engine", Forever));

        Assert.Equal("Resource 'engine' has no command 'fly'.", (await run.CommandAsync("engine", "fly")).Message);
        Assert.Equal("There is no resource 'plane'.", (await run.CommandAsync("plane", "fly")).Message);
    }

    [Fact]
    public async Task Events_ComeInTheirOrder()
    {
        var events = new List<string>();
        await using var run = await RunningModel.StartAsync(builder =>
        {
            builder.OnBeforeStart((_, _) => Note("before start"));
            builder.Eventing.Subscribe<AfterResourcesCreatedEvent>((_, _) => Note("created"));
            builder.AddScript("engine", Forever).WithHttpEndpoint().WithExplicitStart()
                .OnResourceEndpointsAllocated((engine, _, _) => Note("allocated " + engine.GetEndpoint("http").IsAllocated))
                .OnBeforeResourceStarted((_, _, _) => Note("starting"))
                .OnResourceReady((_, _, _) => Note("ready"));
        });

        await run.CommandAsync("engine", KnownResourceCommands.StartCommand);
        await Eventually.DoneAsync(run.App.ResourceNotifications.WaitForResourceHealthyAsync("engine"));

        Assert.Equal(["before start", "allocated True", "created", "starting", "ready"], events);

        Task Note(string what)
        {
            events.Add(what);
            return Task.CompletedTask;
        }
    }

    private static async Task<string> LogAsync(RunningModel run, string resource)
    {
        var lines = new List<string>();
        await foreach (var some in run.App.Services.GetService<ResourceLoggerService>().GetAllAsync(resource))
        {
            lines.AddRange(some.Select(line => line.Content));
        }

        return string.Join('\n', lines);
    }
}

internal static class ServicesOfARun
{
    public static T GetService<T>(this IServiceProvider services)
        where T : notnull
        => (T)services.GetService(typeof(T))!;
}
