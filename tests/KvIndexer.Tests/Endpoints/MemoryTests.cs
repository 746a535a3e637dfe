using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.KvIndexer.Index;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.Endpoints;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.KvIndexer.Tests.Endpoints;

public sealed class MemoryTests
{
    [Fact]
    public void Budget_IsKept_HoweverManyBlocksCome()
    {
        var (catalog, index, budget) = Create(1 << 20);
        var endpoint = Endpoint(catalog, 1);
        var random = new Random(5);
        for (var i = 1; i <= 200_000; i++)
        {
            Store(catalog, endpoint, (ulong)i, (ulong)random.NextInt64());
            if (i % 10_000 == 0)
            {
                Assert.InRange(index.Bytes + catalog.HandleBytes, 1, budget.Limit);
            }
        }

        Assert.Equal(index.Bytes + catalog.HandleBytes, budget.Used);
        Assert.Equal(endpoint.Blocks.Count, index.Blocks);
        Assert.True(index.Blocks > 12_000, $"{index.Blocks} blocks in a MiB");
        Assert.Equal(200_000, index.Blocks + catalog.Evicted + catalog.Refused);
    }

    [Fact]
    public void FullBudget_StillHasRoomForAnotherEndpoint()
    {
        var (catalog, _, _) = Create(1 << 20);
        var (large, small) = (Endpoint(catalog, 1), Endpoint(catalog, 2));
        var random = new Random(6);
        for (var i = 1; i <= 50_000; i++)
        {
            Store(catalog, large, (ulong)i, (ulong)random.NextInt64());
        }

        for (var i = 1; i <= 500; i++)
        {
            Store(catalog, small, (ulong)i, (ulong)random.NextInt64());
        }

        Assert.Equal(500, small.Blocks.Count);
    }

    [Fact]
    public void BlocksThatAreAskedFor_OutliveOthers()
    {
        var (catalog, index, _) = Create(1 << 20);
        var endpoint = Endpoint(catalog, 1);
        var random = new Random(7);
        ulong[] wanted = [.. Enumerable.Range(0, 100).Select(_ => (ulong)random.NextInt64())];
        foreach (var key in wanted)
        {
            Store(catalog, endpoint, key, key);
        }

        var matches = new PrefixMatches();
        for (var i = 1; i <= 60_000; i++)
        {
            Store(catalog, endpoint, (ulong)i, (ulong)random.NextInt64());
            if (i % 500 == 0)
            {
                Array.ForEach(wanted, key => index.Lookup([key], matches));
            }
        }

        // The hand may meet a block twice between two lookups; without them about one in six would be left.
        Assert.InRange(wanted.Count(key => index.Holds(endpoint.Number, Tier.Gpu, key)), 50, 100);
    }

    [Fact]
    public void Handles_FollowTheEngineThroughStoresAndRemovals()
    {
        var (catalog, index, budget) = Create(64 << 20);
        var endpoint = Endpoint(catalog, 1);
        var random = new Random(8);
        var truth = new Dictionary<ulong, ulong>();
        for (var step = 0; step < 100_000; step++)
        {
            var hash = (ulong)random.Next(1, 5000);
            if (truth.Remove(hash, out _))
            {
                endpoint.Blocks.Remove(Tier.Gpu, 0, hash);
            }
            else
            {
                truth[hash] = (ulong)random.NextInt64();
                Store(catalog, endpoint, hash, truth[hash]);
            }
        }

        Assert.Equal(truth.Count, endpoint.Blocks.Count);
        Assert.Equal(truth.Count, index.Blocks);
        Assert.All(truth, pair => Assert.True(endpoint.Blocks.TryResolve(pair.Key, out var key) && key == pair.Value && index.Holds(0, Tier.Gpu, key)));
        endpoint.Blocks.Clear();
        Assert.Equal(0, catalog.HandleBytes);
        Assert.Equal(index.Bytes, budget.Used);
    }

    [Fact]
    public void Doubt_EndsWithTheWindow_AndSparesWhatWasAnnouncedAgain()
    {
        var clock = new ManualTimeProvider();
        var budget = new ByteBudget(1 << 20);
        var index = new InMemoryBlockIndex(budget);
        var catalog = new EndpointCatalog(index, budget, clock);
        var endpoint = Endpoint(catalog, 1);
        Store(catalog, endpoint, 1, 101);
        Store(catalog, endpoint, 2, 102);
        Store(catalog, endpoint, 3, 103);

        endpoint.Blocks.Doubt(clock.GetUtcNow() + TimeSpan.FromSeconds(30));
        Store(catalog, endpoint, 2, 102);
        endpoint.Blocks.Remove(Tier.Gpu, 0, 3);
        clock.Advance(TimeSpan.FromSeconds(29));
        _ = catalog.DropLate();

        Assert.True(endpoint.Blocks.IsDoubtful);
        Assert.Equal((true, true, false), (index.Holds(0, Tier.Gpu, 101), index.Holds(0, Tier.Gpu, 102), index.Holds(0, Tier.Gpu, 103)));

        clock.Advance(TimeSpan.FromSeconds(1));
        _ = catalog.DropLate();

        Assert.False(endpoint.Blocks.IsDoubtful);
        Assert.Equal((false, true), (index.Holds(0, Tier.Gpu, 101), index.Holds(0, Tier.Gpu, 102)));
        Assert.Equal(1, endpoint.Blocks.Count);
    }

    private static (EndpointCatalog, InMemoryBlockIndex, ByteBudget) Create(long bytes)
    {
        var budget = new ByteBudget(bytes);
        var index = new InMemoryBlockIndex(budget);
        return (new EndpointCatalog(index, budget, TimeProvider.System), index, budget);
    }

    private static IndexedEndpoint Endpoint(EndpointCatalog catalog, int port)
    {
        Assert.True(EndpointId.TryParse($"http://127.0.0.1:{port}", out var id, out _));
        return catalog.Endpoint(catalog.Engine(id, 1), 0)!;
    }

    private static void Store(EndpointCatalog catalog, IndexedEndpoint endpoint, ulong hash, ulong key)
    {
        lock (catalog.Gate)
        {
            catalog.Store(endpoint, Tier.Gpu, 0, hash, key);
        }
    }
}
