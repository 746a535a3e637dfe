namespace LlmdAspire.Hosting.Embedded.Processes;

public sealed class ContainerRuntimeTests
{
    public ContainerRuntimeTests() => Shell.SkipWhereThereIsNone();

    [Fact]
    public async Task Find_TheClientWhoseEngineAnswers_AskedOnce()
    {
        using var docker = new FakeRuntime();
        var runtime = Runtime(docker.Folder);

        var first = await runtime.FindAsync();
        var second = await runtime.FindAsync();

        Assert.Equal(new ContainerRuntimeAnswer(docker.Program, IsPodman: false, Reason: null), first);
        Assert.Same(first, second);
        Assert.Equal(["version"], docker.Calls);
    }

    [Fact]
    public async Task Find_ADockerWithoutEngine_GivesWayToPodman()
    {
        using var docker = new FakeRuntime(answers: false);
        using var podman = new FakeRuntime("podman");

        Assert.Equal(new(podman.Program, IsPodman: true, Reason: null), await Runtime($"{docker.Folder}:{podman.Folder}").FindAsync());
    }

    [Theory]
    [InlineData("ASPIRE_CONTAINER_RUNTIME")]
    [InlineData("DOTNET_ASPIRE_CONTAINER_RUNTIME")]
    public async Task Find_TheChosenOne_AndNoOther(string setting)
    {
        using var docker = new FakeRuntime();
        using var podman = new FakeRuntime("podman");

        Assert.Equal(podman.Program, (await Runtime($"{docker.Folder}:{podman.Folder}", (setting, "podman")).FindAsync()).Program);
        Assert.Equal(
            "No container runtime: 'podman' is not on PATH; start it, or change ASPIRE_CONTAINER_RUNTIME.",
            (await Runtime(docker.Folder, (setting, "podman")).FindAsync()).Reason);
    }

    [Fact]
    public async Task Find_None_SaysWhatWasTriedAndWhatHelps()
    {
        using var docker = new FakeRuntime(answers: false);

        Assert.Equal(
            new(null, false, "No container runtime: the engine of 'docker' does not answer, 'podman' is not on PATH; install and start Docker or Podman."),
            await Runtime(docker.Folder).FindAsync());
    }

    [Fact]
    public async Task AContainer_RunsInTheForeground_AndIsRemovedWithItsClient()
    {
        SkipWithoutSetsid();
        using var docker = new FakeRuntime();
        var output = new OutputRecorder();
        await using var host = new ProcessHost();

        var client = host.Start(Launch(docker), output.Add);
        await output.WaitForAsync("ready");
        var container = output.Processes();
        await client.StopAsync(TimeSpan.FromMilliseconds(100));

        await Shell.AllEndedAsync(container);
        Assert.Contains("token secret", output.Texts);
        Assert.Equal(["run --rm --name engine-0-x1 -e TOKEN vllm", "rm -f engine-0-x1"], docker.Calls);
    }

    [Fact]
    public async Task AContainerWhoseAppHostWasKilled_IsRemovedByTheWatchdog()
    {
        SkipWithoutSetsid();
        using var docker = new FakeRuntime();
        using var container = System.Diagnostics.Process.Start("sleep", "600");
        File.WriteAllText(Path.Combine(docker.Folder, "container"), $"{container.Id}\n");
        var watchdog = new Watchdog(Guid.NewGuid().ToString("N"));
        watchdog.ContainerStarted(docker.Program, "engine-0-x1");
        watchdog.ContainerStarted(docker.Program, "engine-1-x1");
        watchdog.ContainerRemoved("engine-0-x1");

        await watchdog.DisposeAsync();

        await container.WaitForExitAsync();
        Assert.Equal(["rm -f engine-1-x1"], docker.Calls);
    }

    private static LaunchSpec Launch(FakeRuntime runtime) => ContainerRuntime.Launch(runtime.Program, "engine-0", new()
    {
        Name = "engine-0-x1",
        Image = "vllm",
        Environment = new Dictionary<string, string> { ["TOKEN"] = "secret" },
    });

    private static ContainerRuntime Runtime(string path, params (string Name, string Value)[] settings) =>
        new(name => name == "PATH" ? path : settings.FirstOrDefault(setting => setting.Name == name).Value);

    private static void SkipWithoutSetsid() =>
        Assert.SkipUnless(ProgramSearch.Find("setsid") is not null, "the fake container needs the program setsid to leave its client");
}
