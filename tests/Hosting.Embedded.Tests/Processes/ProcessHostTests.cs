namespace LlmdAspire.Hosting.Embedded.Processes;

public sealed class ProcessHostTests : IAsyncLifetime
{
    private static readonly TimeSpan s_noHurry = TimeSpan.FromMinutes(10);

    private readonly ProcessHost _host = new();
    private readonly OutputRecorder _output = new();

    public ProcessHostTests() => Shell.SkipWhereThereIsNone();

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Exited_ComesAfterTheLastLineOfBothStreams()
    {
        var process = _host.Start(Shell.Script("i=0; while [ $i -lt 2000 ]; do echo out $i; echo err $i >&2; i=$((i+1)); done; printf last"), _output.Add);

        Assert.Equal(0, await process.Exited);

        Assert.Equal([.. Enumerable.Range(0, 2000).Select(i => $"out {i}"), "last"], _output.Lines.Where(line => !line.IsError).Select(line => line.Text));
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => $"err {i}"), _output.Lines.Where(line => line.IsError).Select(line => line.Text));
    }

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("kill -KILL $$", 128 + 9)]
    [InlineData("kill -TERM $$", 128 + 15)]
    public async Task Exited_TellsTheExitCodeOrTheSignal(string script, int expected)
    {
        Assert.Equal(expected, await _host.Start(Shell.Script(script), _output.Add).Exited);
    }

    [Fact]
    public async Task Stop_AsksPolitelyAndWaitsForTheAnswer()
    {
        var process = _host.Start(Shell.Script("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done"), _output.Add);
        await _output.WaitForAsync("ready");

        await process.StopAsync(s_noHurry);

        Assert.Equal(3, await process.Exited);
        Assert.Equal("bye", _output.Texts.Last());
    }

    [Fact]
    public async Task Stop_AProcessThatDoesNotListen_IsKilledWithItsDescendants()
    {
        var process = _host.Start(Shell.Script("trap '' TERM; sleep 600 & echo pid $$; echo pid $!; echo ready; while :; do wait; done"), _output.Add);
        await _output.WaitForAsync("ready");
        var family = _output.Processes();

        await process.StopAsync(TimeSpan.FromMilliseconds(100));

        Assert.Equal(128 + 9, await process.Exited);
        Assert.Equal(2, family.Count);
        await Shell.AllEndedAsync(family);
    }

    [Fact]
    public async Task Stop_ADescendantThatDoesNotListen_IsKilledAfterItsParentWentPolitely()
    {
        var process = _host.Start(Shell.Script("sh -c \"trap '' TERM; echo pid \\$\\$; echo ready; while :; do sleep 600; done\" & wait"), _output.Add);
        await _output.WaitForAsync("ready");
        var family = _output.Processes();

        await process.StopAsync(TimeSpan.FromMilliseconds(100));

        Assert.Equal(128 + 15, await process.Exited);
        await Shell.AllEndedAsync(family);
    }

    [Fact]
    public async Task Stop_IsIdempotentAndASecondCallMayShortenTheGrace()
    {
        var process = _host.Start(Shell.Script(Shell.Stubborn), _output.Add);
        await _output.WaitForAsync("ready");

        var patient = process.StopAsync(s_noHurry);
        await process.StopAsync(TimeSpan.Zero);
        await patient;
        await process.StopAsync(s_noHurry);

        Assert.Equal(128 + 9, await process.Exited);
    }

    [Fact]
    public async Task ACrash_LeavesNoDescendantBehind()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "orphans are found by their environment, which can be read on Linux only");
        var process = _host.Start(Shell.Script("sleep 600 & echo pid $!; echo ready; kill -KILL $$"), _output.Add);
        var orphan = _output.WaitForAsync("ready").ContinueWith(_ => _output.Texts.First()[4..], TaskScheduler.Default);

        Assert.Equal(128 + 9, await process.Exited);

        Assert.Null(ProcessTable.Find(int.Parse(await orphan)));
    }

    [Fact]
    public async Task AReceiverThatThrows_DoesNotBlockTheProgram_AndShowsInExited()
    {
        var process = _host.Start(Shell.Script("i=0; while [ $i -lt 20000 ]; do echo a line of some length $i; i=$((i+1)); done"), (_, _) => throw new FormatException("odd line"));

        Assert.Equal("odd line", (await Assert.ThrowsAsync<FormatException>(() => process.Exited)).Message);
    }

    [Fact]
    public async Task Dispose_StopsWhatStillRuns()
    {
        var host = new ProcessHost();
        host.Start(Shell.Script(Shell.WithGrandchild), _output.Add);
        await _output.WaitForAsync("ready");
        var family = _output.Processes();

        await host.DisposeAsync();

        Assert.Equal(2, family.Count);
        await Shell.AllEndedAsync(family);
        Assert.Throws<ObjectDisposedException>(() => host.Start(Shell.Script("true"), _output.Add));
    }

    [Fact]
    public async Task Environment_IsAddedToOurOwn_AndInputIsEmpty()
    {
        var spec = Shell.Script("echo \"$GREETING\"; echo \"${PATH:+inherited}\"; cat; pwd") with
        {
            Environment = new Dictionary<string, string> { ["GREETING"] = "grüß dich" },
            WorkingDirectory = "/",
        };

        await _host.Start(spec, _output.Add).Exited;

        Assert.Equal(["grüß dich", "inherited", "/"], _output.Texts);
    }

    [Fact]
    public void Start_AnUnknownProgram_IsNamedWithTheResource()
    {
        var spec = Shell.Script("") with { Name = "engine-0", FileName = "no-such-program" };

        var error = Assert.Throws<InvalidOperationException>(() => _host.Start(spec, _output.Add));

        Assert.Equal("engine-0: cannot start 'no-such-program': there is no such program on PATH; install it or correct the name.", error.Message);
    }

    [Fact]
    public void Start_AMissingWorkingDirectory_IsNamed()
    {
        var spec = Shell.Script("") with { WorkingDirectory = "/no/such/folder" };

        var error = Assert.Throws<InvalidOperationException>(() => _host.Start(spec, _output.Add));

        Assert.Equal("script: cannot start '/bin/sh': its working directory '/no/such/folder' does not exist.", error.Message);
    }
}
