using LlmdAspire.ServiceDefaults.Tests.Tiny;
using static LlmdAspire.ServiceDefaults.Tests.CommandLine.FlagReading;

namespace LlmdAspire.ServiceDefaults.Tests.CommandLine;

public sealed class ValueTests
{
    [Fact]
    public void Read_EveryTypeOfValue()
    {
        var flags = Read("--size 2 --ratio=0.25 --loud --limit 9 --color dark-red --window 1.5s --events-config {\"a\":1} --ranks 0 1 -2");

        Assert.Equal(2, flags.Size.Value);
        Assert.Equal(0.25, flags.Ratio.Value);
        Assert.True(flags.Loud);
        Assert.Equal(9, flags.Limit.Value);
        Assert.Equal(TinyColor.DarkRed, flags.Color.Value);
        Assert.Equal(TimeSpan.FromSeconds(1.5), flags.Window.Value);
        Assert.Equal("{\"a\":1}", flags.EventsConfig.Value);
        Assert.Equal([0, 1, -2], flags.Ranks.Value);
    }

    [Theory]
    [InlineData("--loud", true)]
    [InlineData("--loud true", true)]
    [InlineData("--loud off", false)]
    [InlineData("--loud=false", false)]
    [InlineData("--no-loud", false)]
    [InlineData("--loud --size 2", true)]
    public void Read_SwitchMayStandAlone(string commandLine, bool expected) => Assert.Equal(expected, Read(commandLine).Loud.Value);

    [Fact]
    public void Read_BareNumberOfADurationIsInItsOwnUnit() => Assert.Equal(TimeSpan.FromMilliseconds(7), Read("--window 7").Window.Value);

    [Fact]
    public void Read_RepeatedScalarKeepsTheLast() => Assert.Equal(3, Read("--size 1 --size 2 --size=3").Size.Value);

    [Theory]
    [InlineData("--worker-urls a b --size 2 --worker-urls c", "a,b,c")]
    [InlineData("--worker-urls=a --workers b", "a,b")]
    [InlineData("--worker_urls a", "a")]
    [InlineData("--worker-urls", "")]
    [InlineData("--worker-urls ''", "")]
    [InlineData("--worker-urls a --engine-size 3 b", "a")]
    public void Read_ListAccumulatesUntilTheNextOption(string commandLine, string expected)
    {
        var flags = Read(commandLine);

        Assert.Equal(expected, string.Join(',', flags.WorkerUrls.Value));
        Assert.True(flags.WorkerUrls.IsGiven);
    }

    [Theory]
    [InlineData("a b", "a,b")]
    [InlineData("http://a,events=tcp://b", "http://a,events=tcp://b")]
    [InlineData("""["a b","c"]""", "a b,c")]
    [InlineData("", "")]
    public void Read_ListInTheEnvironmentIsSplitAtWhiteSpaceOrAJsonArray(string variable, string expected)
    {
        var flags = Read("", ("LLMD_TINY_SERVICE_WORKER_URLS", variable));

        Assert.Equal(expected, string.Join(',', flags.WorkerUrls.Value));
        Assert.True(flags.WorkerUrls.IsGiven);
    }

    [Fact]
    public void Read_EmptyTextIsAValue()
    {
        var flags = Read("--admin-key= --events-config ''");

        Assert.Equal("", flags.AdminKey.Value);
        Assert.Equal("", flags.EventsConfig.Value);
    }

    [Fact]
    public void Read_ValueThatLooksLikeAnOptionOrResponseFileIsTakenAfterEquals()
    {
        Assert.Equal("--size", Read("--events-config=--size").EventsConfig.Value);
        Assert.Equal("@file", Read("--events-config @file").EventsConfig.Value);
        Assert.Equal("a=b:c", Read("--events-config=a=b:c").EventsConfig.Value);
    }

    [Fact]
    public void Read_AcceptedUnknownOptionsAreKeptForAWarning()
    {
        var flags = Read("--engine-memory 0.9 --engine-fast --size 2");

        Assert.Equal(["--engine-memory", "--engine-fast"], flags.Ignored);
        Assert.Equal(2, flags.Size.Value);
    }
}
