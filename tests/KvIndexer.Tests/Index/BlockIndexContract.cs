using LlmdAspire.KvIndexer.Index;

namespace LlmdAspire.KvIndexer.Tests.Index;

/// <summary>What every block index must do. A derived class says how one is made.</summary>
public abstract class BlockIndexContract
{
    private protected abstract IBlockIndex Create();

    [Fact]
    public void Lookup_OfUnknownKeys_FindsNobody()
    {
        var index = Create();

        Assert.Empty(Find(index, 1, 2, 3));
        Assert.Empty(Find(index));
    }

    [Fact]
    public void Lookup_StopsForEachEndpointAtItsFirstMissingBlock()
    {
        var index = Create();
        Store(index, 0, 1, 2, 3, 4);
        Store(index, 1, 1, 2, 4);
        Store(index, 2, 2, 3, 4);

        Assert.Equal([(0, 4), (1, 2)], Find(index, 1, 2, 3, 4));
    }

    [Fact]
    public void Lookup_OfALongerPrompt_FindsTheCommonBeginning()
    {
        var index = Create();
        Store(index, 5, 1, 2);

        Assert.Equal([(5, 2)], Find(index, 1, 2, 3, 4, 5));
    }

    [Fact]
    public void Store_Twice_HoldsOnce()
    {
        var index = Create();
        Store(index, 0, 7);
        Store(index, 0, 7);

        index.Remove(0, Tier.Gpu, 7);

        Assert.Empty(Find(index, 7));
        Assert.Equal(0, index.Blocks);
    }

    [Fact]
    public void Remove_LeavesOtherEndpointsAndTiers()
    {
        var index = Create();
        Store(index, 0, 7);
        Store(index, 1, 7);
        Assert.True(index.TryStore(0, Tier.Cpu, 7));

        index.Remove(1, Tier.Gpu, 7);
        index.Remove(0, Tier.Gpu, 7);
        index.Remove(3, Tier.Gpu, 7);
        index.Remove(0, Tier.Storage, 8);

        Assert.Equal([(0, 1)], Find(index, 7));
        Assert.True(index.Holds(0, Tier.Cpu, 7));
        Assert.False(index.Holds(0, Tier.Gpu, 7));
    }

    [Fact]
    public void Lookup_CountsEachBlockInItsFastestTier()
    {
        var index = Create();
        Store(index, 0, 1, 2);
        foreach (var key in new ulong[] { 2, 3 })
        {
            Assert.True(index.TryStore(0, Tier.Cpu, key));
            Assert.True(index.TryStore(0, Tier.Storage, key));
        }

        Assert.True(index.TryStore(0, Tier.Storage, 4));
        var matches = new PrefixMatches();
        index.Lookup([1, 2, 3, 4, 5], matches);

        Assert.Equal(4, matches.Depth(0));
        Assert.Equal((2, 1, 1), (matches.InTier(0, Tier.Gpu), matches.InTier(0, Tier.Cpu), matches.InTier(0, Tier.Storage)));
        Assert.Equal(4, index.Blocks);
    }

    [Fact]
    public void Lookup_WithUsedMatches_ForgetsWhatTheyHeld()
    {
        var index = Create();
        Store(index, 0, 1, 2, 3);
        Assert.True(index.TryStore(0, Tier.Cpu, 4));
        Store(index, 1, 9);
        var matches = new PrefixMatches();

        index.Lookup([1, 2, 3, 4], matches);
        index.Lookup([9], matches);

        Assert.Equal([1], matches.Endpoints);
        Assert.Equal((0, 1, 0), (matches.Depth(0), matches.Depth(1), matches.InTier(0, Tier.Cpu)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(99)]
    public void Lookup_OfALongChain_StopsAtTheHole_WhereverItIs(int hole)
    {
        var index = Create();
        var chain = Chain(100);
        Store(index, 0, chain);
        Store(index, 1, [.. chain[..hole], .. chain[(hole + 1)..]]);

        Assert.Equal(hole == 0 ? [(0, 100)] : [(0, 100), (1, hole)], Find(index, chain));
    }

    [Fact]
    public void Lookup_OfALongChain_ThatMovesDownTheTiers_CountsEachOfThem()
    {
        var index = Create();
        var chain = Chain(75);
        foreach (var endpoint in new[] { 3, 64, 200 })
        {
            StoreIn(index, Tier.Gpu, endpoint, chain[..20]);
            StoreIn(index, Tier.Cpu, endpoint, chain[18..45]);
            StoreIn(index, Tier.Storage, endpoint, chain[40..70]);
            StoreIn(index, Tier.Speculative, endpoint, chain[70..]);
        }

        index.Remove(64, Tier.Cpu, chain[33]);
        var matches = new PrefixMatches();
        index.Lookup(chain, matches);

        Assert.Equal([3, 64, 200], matches.Endpoints.Order());
        Assert.Equal((75, 25, 25, 25), TiersOf(matches, 3));
        Assert.Equal((33, 20, 13, 0), TiersOf(matches, 64));
        Assert.Equal((75, 25, 25, 25), TiersOf(matches, 200));
    }

    [Fact]
    public void Lookup_AmongEndpointsOfEveryWord_FindsWhatAPlainModelFinds()
    {
        int[] endpoints = [0, 1, 62, 63, 64, 65, 127, 128, 255, 256, 640, 1023, 4095];
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var index = Create();
            var chain = Chain(1 + random.Next(80));
            var held = new HashSet<(int Endpoint, Tier Tier, ulong Key)>();
            foreach (var endpoint in endpoints)
            {
                foreach (var key in chain)
                {
                    // Few holes, or no chain would reach its second group; mostly on the GPU, or none would be read the short way.
                    var tier = random.Next(10) == 0 ? (Tier)random.Next(Tiers.Count) : Tier.Gpu;
                    if (random.Next(40) != 0)
                    {
                        StoreIn(index, tier, endpoint, key);
                        _ = held.Add((endpoint, tier, key));
                    }
                }
            }

            var matches = new PrefixMatches();
            index.Lookup(chain, matches);

            foreach (var endpoint in endpoints)
            {
                Assert.Equal(Expected(held, endpoint, chain), TiersOf(matches, endpoint));
            }
        }
    }

    [Fact]
    public void Prefetch_ChangesNothing()
    {
        var index = Create();
        PrefetchAll(index, 1, 2);
        Store(index, 0, 1);
        PrefetchAll(index, 1, 2);

        Assert.Equal([(0, 1)], Find(index, 1, 2));
        Assert.Equal(1, index.Blocks);
        Assert.False(index.TakeReference(Tier.Gpu, 2));

        static void PrefetchAll(IBlockIndex index, params ulong[] keys)
        {
            foreach (var key in keys)
            {
                for (var tier = 0; tier < Tiers.Count; tier++)
                {
                    index.Prefetch((Tier)tier, key);
                }
            }
        }
    }

    [Fact]
    public void Expected_CountsAsFastButIsNoBlock()
    {
        var index = Create();
        Assert.True(index.TryStore(0, Tier.Speculative, 1));
        var matches = new PrefixMatches();

        index.Lookup([1], matches);

        Assert.Equal((1, 1), (matches.Depth(0), matches.InTier(0, Tier.Gpu)));
        Assert.Equal(0, index.Blocks);
    }

    [Fact]
    public void Clear_ForgetsOneEndpointInAllTiers()
    {
        var index = Create();
        Store(index, 0, 1, 2, 3);
        Store(index, 70, 1, 2);
        Assert.True(index.TryStore(0, Tier.Cpu, 4));

        index.Clear(0);

        Assert.Equal([(70, 2)], Find(index, 1, 2, 3));
        Assert.Equal(2, index.Blocks);
    }

    [Fact]
    public void ManyEndpointsAndBlocks_AreKeptApart()
    {
        var index = Create();
        var random = new Random(1);
        var truth = new Dictionary<ulong, HashSet<int>>();
        var keys = Enumerable.Range(0, 2000).Select(_ => (ulong)random.NextInt64()).ToArray();
        for (var step = 0; step < 60_000; step++)
        {
            var key = keys[random.Next(keys.Length)];
            var endpoint = random.Next(step < 20_000 ? 40 : 300);
            var holders = truth.TryGetValue(key, out var there) ? there : truth[key] = [];
            if (random.Next(3) == 0)
            {
                index.Remove(endpoint, Tier.Gpu, key);
                _ = holders.Remove(endpoint);
            }
            else
            {
                Assert.True(index.TryStore(endpoint, Tier.Gpu, key));
                _ = holders.Add(endpoint);
            }
        }

        index.Compact();

        foreach (var (key, holders) in truth)
        {
            Assert.Equal(holders.Order(), Find(index, key).Select(match => match.Endpoint));
        }

        Assert.Equal(truth.Count(pair => pair.Value.Count > 0), index.Blocks);
    }

    [Fact]
    public async Task Lookup_WhileOthersWrite_NeverFindsWhatNobodyHolds()
    {
        var index = Create();
        var steady = Chain(64);
        Store(index, 0, steady);
        using var done = new CancellationTokenSource();
        var writer = Task.Run(() =>
        {
            var random = new Random(2);
            for (var round = 0; round < 300; round++)
            {
                // Endpoint 1 holds all but the first block of the prompt, and thousands of others come and go beside it.
                ulong[] passing = [.. Enumerable.Range(0, 200).Select(_ => (ulong)random.NextInt64())];
                Store(index, 1, passing);
                Store(index, 1, steady[1..]);
                Store(index, 100 + (round % 100), passing);
                foreach (var key in passing)
                {
                    index.Remove(1, Tier.Gpu, key);
                    index.Remove(100 + (round % 100), Tier.Gpu, key);
                }
            }

            done.Cancel();
        });

        var lookups = 0;
        while (!done.IsCancellationRequested)
        {
            Assert.Equal([(0, 64)], Find(index, steady));
            lookups++;
        }

        await writer;
        Assert.True(lookups > 0);
    }

    private static ulong[] Chain(int length) => [.. Enumerable.Range(1, length).Select(i => (ulong)i * 0x9E3779B97F4A7C15)];

    private static void Store(IBlockIndex index, int endpoint, params ulong[] keys) => StoreIn(index, Tier.Gpu, endpoint, keys);

    private static void StoreIn(IBlockIndex index, Tier tier, int endpoint, params ulong[] keys)
    {
        foreach (var key in keys)
        {
            Assert.True(index.TryStore(endpoint, tier, key));
        }
    }

    private static (int Depth, int Gpu, int Cpu, int Storage) TiersOf(PrefixMatches matches, int endpoint) =>
        (matches.Depth(endpoint), matches.InTier(endpoint, Tier.Gpu), matches.InTier(endpoint, Tier.Cpu), matches.InTier(endpoint, Tier.Storage));

    // What the interface's comment says, word by word.
    private static (int Depth, int Gpu, int Cpu, int Storage) Expected(HashSet<(int Endpoint, Tier Tier, ulong Key)> held, int endpoint, ulong[] chain)
    {
        var (gpu, cpu, storage) = (0, 0, 0);
        foreach (var key in chain)
        {
            if (held.Contains((endpoint, Tier.Gpu, key)) || held.Contains((endpoint, Tier.Speculative, key)))
            {
                gpu++;
            }
            else if (held.Contains((endpoint, Tier.Cpu, key)))
            {
                cpu++;
            }
            else if (held.Contains((endpoint, Tier.Storage, key)))
            {
                storage++;
            }
            else
            {
                break;
            }
        }

        return (gpu + cpu + storage, gpu, cpu, storage);
    }

    private static List<(int Endpoint, int Blocks)> Find(IBlockIndex index, params ulong[] keys)
    {
        var matches = new PrefixMatches();
        index.Lookup(keys, matches);
        return [.. matches.Endpoints.Order().Select(endpoint => (endpoint, matches.Depth(endpoint)))];
    }
}
