namespace LlmdAspire.Hosting.Embedded.Processes;

public sealed class ContainerCommandTests
{
    [Fact]
    public void Run_TheLeast() =>
        Assert.Equal("run --rm --name cache-x1 redis:8", Run(new() { Name = "cache-x1", Image = "redis", Tag = "8" }));

    [Fact]
    public void Run_AnEngineWithEverything()
    {
        var engine = new ContainerDescription
        {
            Name = "decode-0-x1",
            Image = "vllm/vllm-openai",
            Tag = "v0.11.0",
            Entrypoint = "vllm",
            Arguments = ["serve", "Qwen/Qwen3-0.6B", "--port", "8000"],
            Environment = new Dictionary<string, string> { ["PYTHONHASHSEED"] = "0", ["HF_TOKEN"] = "hf_secret" },
            Ports = [new(53111, 8000), new(53112, 5557)],
            Mounts = [new("llmd-hf-cache", "/cache/huggingface", IsBind: false), new("/etc/llmd", "/etc/llmd", IsBind: true, IsReadOnly: true)],
            Labels = new Dictionary<string, string> { ["llmd.run"] = "4f2a", ["llmd.resource"] = "decode" },
            RuntimeArguments = ["--gpus", "\"device=0,1\"", "--ipc", "host"],
        };

        Assert.Equal(
            "run --rm --name decode-0-x1 --label llmd.resource=decode --label llmd.run=4f2a -e HF_TOKEN -e PYTHONHASHSEED " +
            "-p 127.0.0.1:53111:8000 -p 127.0.0.1:53112:5557 " +
            "--mount type=volume,source=llmd-hf-cache,target=/cache/huggingface --mount type=bind,source=/etc/llmd,target=/etc/llmd,readonly " +
            "--entrypoint vllm --gpus \"device=0,1\" --ipc host vllm/vllm-openai:v0.11.0 serve Qwen/Qwen3-0.6B --port 8000",
            Run(engine));
        Assert.Equal(engine.Environment, ContainerCommand.ClientEnvironment(engine));
    }

    [Theory]
    [InlineData(null, "/data", false, "type=volume,target=/data")]
    [InlineData("/odd, really", "/data", true, "type=bind,\"source=/odd, really\",target=/data")]
    public void Run_Mounts(string? source, string target, bool isBind, string expected) =>
        Assert.Equal($"run --rm --name n --mount {expected} i", Run(new() { Name = "n", Image = "i", Mounts = [new(source, target, isBind)] }));

    [Fact]
    public void AVariableThatTheClientWouldObey_IsKeptFromIt()
    {
        var container = new ContainerDescription
        {
            Name = "n",
            Image = "i",
            Environment = new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = "/opt/cuda", ["DOCKER_HOST"] = "elsewhere", ["TOKEN"] = "secret" },
        };

        Assert.Equal("run --rm --name n -e DOCKER_HOST=elsewhere -e LD_LIBRARY_PATH=/opt/cuda -e TOKEN i", Run(container));
        Assert.Equal(["TOKEN"], ContainerCommand.ClientEnvironment(container).Keys);
    }

    private static string Run(ContainerDescription container) => string.Join(' ', ContainerCommand.Run(container));
}
