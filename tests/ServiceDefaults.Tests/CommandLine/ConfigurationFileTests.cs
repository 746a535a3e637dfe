using static LlmdAspire.ServiceDefaults.Tests.CommandLine.FlagReading;

namespace LlmdAspire.ServiceDefaults.Tests.CommandLine;

public sealed class ConfigurationFileTests
{
    [Theory]
    [InlineData(".yaml", """
        # comment
        size: 3
        loud: on
        window: 2s
        worker-urls:
          - http://a
          - "http://b"
        events-config: {enable: true, port: 5557, topic: "kv@1"}
        limit: null
        """)]
    [InlineData(".json", """
        {
          // comment
          "size": 3,
          "loud": true,
          "window": "2s",
          "worker-urls": ["http://a", "http://b"],
          "events-config": {"enable": true, "port": 5557, "topic": "kv@1"},
          "limit": null,
        }
        """)]
    [InlineData(".conf", """
        {"size": 3, "loud": true, "window": "2s", "worker-urls": ["http://a", "http://b"],
        "events-config": {"enable": true, "port": 5557, "topic": "kv@1"}}
        """)]
    public void Read_YamlAndJsonSayTheSame(string extension, string text)
    {
        using var file = new TemporaryFile(extension, text);

        var flags = Read($"--config {file.Path}");

        Assert.Equal(3, flags.Size.Value);
        Assert.True(flags.Loud);
        Assert.Equal(TimeSpan.FromSeconds(2), flags.Window.Value);
        Assert.Equal(["http://a", "http://b"], flags.WorkerUrls.Value);
        Assert.Equal("""{"enable":true,"port":5557,"topic":"kv@1"}""", flags.EventsConfig.Value);
        Assert.False(flags.Limit.IsGiven);
    }

    [Theory]
    [InlineData("1.10")]
    [InlineData("007")]
    [InlineData("0x10")]
    public void Read_YamlTextThatLooksLikeANumberKeepsItsSpelling(string text)
    {
        using var file = new TemporaryFile(".yaml", $"events-config: {text}");

        Assert.Equal(text, Read($"--config {file.Path}").EventsConfig.Value);
    }

    [Fact]
    public void Read_KeysMayHaveUnderscores()
    {
        using var file = new TemporaryFile(".yaml", "worker_urls: [http://a]");

        Assert.Equal(["http://a"], Read($"--config {file.Path}").WorkerUrls.Value);
    }

    [Fact]
    public void Read_EmptyListIsGiven()
    {
        using var file = new TemporaryFile(".yaml", "worker-urls: []");

        Assert.True(Read($"--config {file.Path}").WorkerUrls.IsGiven);
    }

    [Fact]
    public void Read_OneValueOfAListNeedsNoBrackets()
    {
        using var file = new TemporaryFile(".yaml", "worker-urls: http://a");

        Assert.Equal(["http://a"], Read($"--config {file.Path}").WorkerUrls.Value);
    }
}
