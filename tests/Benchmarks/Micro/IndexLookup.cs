using BenchmarkDotNet.Attributes;
using LlmdAspire.Benchmarks.Inputs;
using LlmdAspire.KvIndexer.Index;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Benchmarks.Micro;

/// <summary>Who holds a prompt of 512 blocks (8k tokens).</summary>
public enum Holders
{
    /// <summary>Every endpoint holds the beginning: one in ten the whole prompt, the others up to a random block. Asked again and again, so in the processor's caches.</summary>
    Everyone,

    /// <summary>One endpoint in ten holds the beginning, a third of these the whole. 1,000 such prompts are asked for in turn: half a million blocks, more than the processor's caches hold.</summary>
    Some,

    /// <summary>Nobody; a new prompt in an index of 1,000 others.</summary>
    Nobody,
}

/// <summary>One op is one lookup of 512 blocks.</summary>
public class IndexLookup
{
    private const int Blocks = 512;
    private const int ManyPrompts = 1000;

    private readonly PrefixMatches _matches = new();
    private InMemoryBlockIndex _index = new(new ByteBudget(long.MaxValue));
    private ulong[][] _asked = [];
    private int _next;

    [Params(64, 1000)]
    public int Endpoints { get; set; }

    [Params(Holders.Everyone, Holders.Some, Holders.Nobody)]
    public Holders Who { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _index = new InMemoryBlockIndex(new ByteBudget(long.MaxValue));
        var random = new Random(1);
        var stored = Enumerable.Range(0, Who == Holders.Everyone ? 1 : ManyPrompts).Select(seed => Tokens.RandomKeys(Blocks, seed)).ToArray();
        // The last endpoint makes rows as wide as they get before the table is large.
        _ = _index.TryStore(Endpoints - 1, Tier.Gpu, 1);
        foreach (var prompt in stored)
        {
            for (var endpoint = 0; endpoint < Endpoints; endpoint++)
            {
                Store(endpoint, prompt.AsSpan(0, Held(random)));
            }
        }

        _asked = Who == Holders.Nobody ? [.. Enumerable.Range(ManyPrompts, ManyPrompts).Select(seed => Tokens.RandomKeys(Blocks, seed))] : stored;
    }

    [Benchmark]
    public int Lookup()
    {
        _next = _next + 1 == _asked.Length ? 0 : _next + 1;
        _index.Lookup(_asked[_next], _matches);
        return _matches.Endpoints.Count;
    }

    private int Held(Random random)
    {
        if (Who == Holders.Everyone)
        {
            return random.Next(10) == 0 ? Blocks : random.Next(1, Blocks);
        }

        return random.Next(10) > 0 ? 0 : random.Next(3) == 0 ? Blocks : random.Next(1, Blocks);
    }

    private void Store(int endpoint, ReadOnlySpan<ulong> keys)
    {
        foreach (var key in keys)
        {
            _ = _index.TryStore(endpoint, Tier.Gpu, key);
        }
    }
}
