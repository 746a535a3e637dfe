using System.Text.Json.Nodes;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Simulator.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--max-num-seqs 0", "--max-num-seqs")]
    [InlineData("--mode loud", "--mode")]
    [InlineData("--time-scale 0", "--time-scale")]
    [InlineData("--data-parallel-size 0", "--data-parallel-size")]
    [InlineData("--prefix-caching-hash-algo xxhash", "--prefix-caching-hash-algo")]
    [InlineData("--kv-events-format yaml", "--kv-events-format")]
    [InlineData("--failure-types disk_full", "--failure-types")]
    [InlineData("--inter-token-latency soon", "--inter-token-latency")]
    [InlineData("--kv-events-config []", "--kv-events-config")]
    [InlineData("--kv-events-config {\"publisher\":\"kafka\"}", "--kv-events-config")]
    [InlineData("--kv-events-config {\"endpoint\":\"udp://x\"}", "udp://x")]
    [InlineData("--kv-events-config {\"topics\":\"x\"}", "'topics'")]
    [InlineData("--kv-transfer-config {\"kv_connector\":\"NixlConnector\"}", "kv_role")]
    [InlineData("--lora-modules {\"name\":\"a\"}", "--lora-modules")]
    [InlineData("--lora-modules broken", "broken")]
    [InlineData("--max-loras 4 --max-cpu-loras 2", "--max-cpu-loras")]
    [InlineData("--fake-metrics {\"kv-cache-usage\":2}", "kv-cache-usage")]
    [InlineData("--fake-metrics {\"waiting-requests\":\"wave:0:1:5s\"}", "waiting-requests")]
    [InlineData("--fake-metrics {\"prefix-cache-hits\":1}", "prefix-cache-queries")]
    [InlineData("--fake-metrics [", "--fake-metrics")]
    [InlineData("--global-cache-hit-threshold 1.5", "--global-cache-hit-threshold")]
    [InlineData("--max-waiting-queue-length -1", "--max-waiting-queue-length")]
    [InlineData("--max-logprobs -2", "--max-logprobs")]
    [InlineData("--default-embedding-dimensions 0", "--default-embedding-dimensions")]
    [InlineData("--generation-config /nowhere", "--generation-config")]
    [InlineData("--override-generation-config {\"max_new_tokens\":0}", "--override-generation-config")]
    [InlineData("--ssl-certfile a.pem", "--ssl-keyfile")]
    [InlineData("--ssl-certfile /nowhere/a.pem --ssl-keyfile /nowhere/b.pem", "/nowhere/a.pem")]
    [InlineData("--profile fast", "--profile")]
    [InlineData("--prefix-caching-hash-algo xxhash_cbor", "XXH3")]
    [InlineData("--instances 300", "--instances")]
    [InlineData("--tokenizer file.json", "--tokenizer")]
    [InlineData("--profile no-such-gpu", "--profile")]
    [InlineData("--quantization int3", "--quantization")]
    [InlineData("--tensor-parallel-size 3", "--tensor-parallel-size")]
    [InlineData("--gpu-memory-utilization 0.1", "--gpu-memory-utilization")]
    [InlineData("--max-num-batched-tokens 100 --max-num-seqs 200", "--max-num-batched-tokens")]
    [InlineData("--no-enable-chunked-prefill --max-num-batched-tokens 1000", "--max-model-len")]
    [InlineData("--inter-token-latency 10 --inter-token-latency-std-dev 4", "--inter-token-latency-std-dev")]
    [InlineData("--data-parallel-rank 1", "--data-parallel-size")]
    [InlineData("--zmq-endpoint tcp://127.0.0.1:1 --kv-events-config {\"topic\":\"x\"}", "--zmq-endpoint")]
    [InlineData("--kv-events-replay-endpoint tcp://*:1", "--zmq-endpoint")]
    [InlineData("--zmq-endpoint 5557", "tcp://host:5557")]
    [InlineData("--no-such-flag", "--no-such-flag")]
    public async Task Flag_WrongOrNotThereYet_IsNamedInOneLine(string args, string flag)
    {
        var mistake = await Assert.ThrowsAsync<UsageException>(() => RunningSimulator.StartAsync(args.Split(' ')));

        Assert.Contains(flag, Assert.Single(mistake.Mistakes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flags_OfARealEngine_AreAccepted()
    {
        await using var simulator = await RunningSimulator.StartAsync(
            "--tensor-parallel-size", "8", "--enforce-eager", "--gpu-memory-utilization", "0.9", "--max-num-batched-tokens=8192", "-tp", "2");

        Assert.NotEmpty(await simulator.Client.GetStringAsync("/v1/models"));
    }

    [Fact]
    public async Task Latencies_BareNumbers_AreMilliseconds()
    {
        await using var simulator = await RunningSimulator.StartAsync(
            "--time-to-first-token", "40", "--inter-token-latency", "1.5s", "--prefill-time-per-token", "0.5");
        var config = JsonNode.Parse(await simulator.Client.GetStringAsync("/admin/config"))!;

        Assert.Equal(
            ("40ms", "1500ms", "0.5ms"),
            ((string?)config["time-to-first-token"], (string?)config["inter-token-latency"], (string?)config["prefill-time-per-token"]));
    }
}
