using LlmdAspire.Simulator.KvEvents;

namespace LlmdAspire.Simulator.Tests;

/// <summary>vLLM's rules for the addresses of KV events.</summary>
public sealed class EventAddressTests
{
    [Theory]
    [InlineData("tcp://*:5557", true)]
    [InlineData("tcp://[::]:5557", true)]
    [InlineData("ipc:///run/events", true)]
    [InlineData("tcp://127.0.0.1:5557", false)]
    [InlineData("tcp://indexer:5557", false)]
    public void Binds_OnlyWildcardsAndFiles(string address, bool binds) => Assert.Equal(binds, EventAddress.Binds(address));

    [Theory]
    [InlineData("tcp://*:5557", 0, "tcp://*:5557")]
    [InlineData("tcp://*:5557", 3, "tcp://*:5560")]
    [InlineData("tcp://[::]:5557", 3, "tcp://[::]:5560")]
    [InlineData("tcp://indexer:5557", 7, "tcp://indexer:5564")]
    [InlineData("tcp://*:0", 3, "tcp://*:0")]
    [InlineData("tcp://*:*", 3, "tcp://*:*")]
    [InlineData("ipc:///run/events", 0, "ipc:///run/events")]
    public void Of_AddsTheRankToThePort(string address, int rank, string expected) => Assert.Equal(expected, EventAddress.Of(address, rank));

    [Theory]
    [InlineData("kv@10.0.0.1:8000@model", 2, "kv@10.0.0.1:8002@model")]
    [InlineData("kv@pod@model", 2, "kv@pod@model")]
    [InlineData("", 2, "")]
    public void Topic_ThatNamesThePort_NamesEachEnginesOwn(string topic, int engine, string expected) =>
        Assert.Equal(expected, RankEvents.TopicOf(topic, 8000, engine));
}
