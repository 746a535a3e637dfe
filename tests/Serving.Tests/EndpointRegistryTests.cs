using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Serving.Tests;

public sealed class EndpointRegistryTests
{
    [Fact]
    public void Snapshot_DoesNotChangeUnderItsReader()
    {
        var registry = new EndpointRegistry<string>();
        Assert.True(registry.TryAdd(Id("a"), "A"));
        Assert.True(registry.TryAdd(Id("b"), "B"));
        var before = registry.Current;

        Assert.True(registry.TryRemove(Id("a"), out var removed));
        Assert.True(registry.TryAdd(Id("c"), "C"));

        Assert.Equal("A", removed);
        Assert.Equal(["A", "B"], before.Endpoints.ToArray());
        Assert.Equal(["B", "C"], registry.Current.Endpoints.ToArray());
    }

    [Fact]
    public void SameIdentity_IsAddedOnceAndRemovedOnce()
    {
        var registry = new EndpointRegistry<string>();

        Assert.True(registry.TryAdd(Id("a"), "first"));
        Assert.False(registry.TryAdd(Id("A"), "second"));
        Assert.True(registry.Current.TryGet(Id("a"), out var found));
        Assert.Equal("first", found);
        Assert.True(registry.TryRemove(Id("a"), out _));
        Assert.False(registry.TryRemove(Id("a"), out _));
    }

    [Fact]
    public async Task ManyWriters_LoseNothing()
    {
        var registry = new EndpointRegistry<string>();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < 50; i++)
            {
                Assert.True(registry.TryAdd(Id($"w{writer}-{i}"), "x"));
            }
        })));

        Assert.Equal(400, registry.Current.Count);
    }

    [Fact]
    public void Replace_PutsRanksWhereTheirEngineStood()
    {
        var registry = new EndpointRegistry<string>();
        Assert.True(registry.TryAdd(Id("a"), "a"));
        Assert.True(registry.TryAdd(Id("b"), "b"));

        Assert.True(registry.TryReplace(Id("a"), [new(Id("a").WithRank(0), "a0"), new(Id("a").WithRank(1), "a1")]));
        Assert.False(registry.TryReplace(Id("a"), [new(Id("c"), "c")]));
        Assert.False(registry.TryReplace(Id("a").WithRank(0), [new(Id("b"), "again")]));

        Assert.Equal(["a0", "a1", "b"], registry.Current.Endpoints.ToArray());
        Assert.True(registry.Current.TryGet(Id("a").WithRank(1), out var found));
        Assert.Equal("a1", found);
    }

    private static EndpointId Id(string host)
    {
        Assert.True(EndpointId.TryParse($"http://{host}:8000", out var id, out var mistake), mistake);
        return id;
    }
}
