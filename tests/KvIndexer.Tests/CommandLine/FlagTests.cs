using LlmdAspire.KvIndexer.CommandLine;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.KvIndexer.Tests.CommandLine;

public sealed class FlagTests
{
    [Fact]
    public void Engine_IsReadWithAllItsParts()
    {
        Assert.True(EngineAddress.TryParse(
            "http://127.0.0.1:8000,events=tcp://127.0.0.1:5557,replay=tcp://127.0.0.1:5657,ranks=2,model=org/m", out var engine, out _));

        Assert.Equal(
            ("http://127.0.0.1:8000", "tcp://127.0.0.1:5557", "tcp://127.0.0.1:5657", 2, "org/m"),
            (engine.Endpoint.ToString(), engine.Events, engine.Replay, engine.Ranks, engine.Model));
        Assert.Equal("tcp://127.0.0.1:5558", EngineAddress.PortOfRank(engine.Events, 1));
    }

    [Theory]
    [InlineData("--engine", "http://a:1", "names no events")]
    [InlineData("--engine", "http://a:1,events=5557", "events='5557'")]
    [InlineData("--engine", "http://a:1,events=tcp://*:5557", "write events=tcp://HOST:PORT")]
    [InlineData("--engine", "http://a:1@2,events=tcp://a:5557", "ranks=N")]
    [InlineData("--engine", "http://a:1,events=tcp://a:5557,ranks=0", "ranks='0'")]
    [InlineData("--engine", "http://a:1,events=tcp://a:5557,replay=tcp://a:5559,ranks=4", "collide")]
    [InlineData("--engine", "http://a:1,events=tcp://a:5557,color=red", "'color=red'")]
    [InlineData("--bind", "5557", "tcp://HOST:PORT")]
    [InlineData("--bind-allow", "somewhere", "10.0.0.0/8")]
    [InlineData("--memory-budget", "lots", "512MiB")]
    [InlineData("--tier-weights", "ram=1", "gpu=1.0,cpu=0.8,storage=0.5")]
    [InlineData("--block-size", "0", "from 1")]
    [InlineData("--tokenizer", "some/tokenizer.json", "there is no such file")]
    [InlineData("--redis", "127.0.0.1:port", "must be HOST:PORT")]
    [InlineData("--redis", "redis://127.0.0.1:6379", "must be HOST:PORT")]
    [InlineData("--redis", "secret@127.0.0.1:6379", "--redis-password-file")]
    [InlineData("--redis-password-file", "no/such/file", "can be read")]
    [InlineData("--redis-password", "secret", "LLMD_KVINDEXER_REDIS_PASSWORD")]
    [InlineData("--redis-expiry", "1s", "at least 15s")]
    public async Task Mistake_NamesTheFlagAndTheRemedy(string flag, string value, string remedy)
    {
        var mistake = await Assert.ThrowsAsync<UsageException>(() => new KvIndexerService().StartAsync(["--port", "0", flag, value]));

        Assert.Contains(flag, Assert.Single(mistake.Mistakes));
        Assert.Contains(remedy, mistake.Mistakes[0]);
        Assert.DoesNotContain("secret", mistake.Mistakes[0]);
    }

    [Theory]
    [InlineData("2GiB", 2147483648)]
    [InlineData("512Mi", 536870912)]
    [InlineData("1.5KiB", 1536)]
    [InlineData("2GB", 2000000000)]
    [InlineData("4096", 4096)]
    public void ByteSize_HasTheUsualUnits(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out var read));
        Assert.Equal(bytes, read);
    }
}
