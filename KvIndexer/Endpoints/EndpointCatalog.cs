using LlmdAspire.KvIndexer.Index;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.KvIndexer.Endpoints;

/// <summary>All endpoints whose events are followed, in one order that never changes; the one place where the index is written.</summary>
/// <remarks>
/// Thread-safe. Writers hold <see cref="Gate"/>, so one core takes all events (docs/benchmarks.md says how many): one writer at a time lets a full
/// budget take memory from any endpoint. Lookups need no lock.
/// </remarks>
internal sealed class EndpointCatalog(IBlockIndex index, ByteBudget budget, TimeProvider clock)
{
    /// <summary>Share of an endpoint's blocks that goes at a time when memory is short; more would be forgotten needlessly, less would be slow.</summary>
    private const int EvictedShare = 16;
    private const int MaxEvictionRounds = 16;

    private readonly Dictionary<EndpointId, IndexedEngine> _engines = [];
    private readonly Dictionary<(IndexedEngine Engine, int Rank), IndexedEndpoint> _byRank = [];
    private volatile IndexedEndpoint[] _all = [];

    /// <summary>Held by whoever changes an endpoint or what it holds.</summary>
    public Lock Gate { get; } = new();

    /// <summary>All endpoints; one's place is its number in the index.</summary>
    public IReadOnlyList<IndexedEndpoint> All => _all;

    /// <summary>Blocks forgotten for want of memory.</summary>
    public long Evicted { get; private set; }

    /// <summary>Blocks not noted at all for want of memory.</summary>
    public long Refused { get; private set; }

    public long HandleBytes
    {
        get
        {
            lock (Gate)
            {
                return _all.Sum(endpoint => endpoint.Blocks.HandleBytes);
            }
        }
    }

    /// <summary>The engine at an address, made known if it is new.</summary>
    public IndexedEngine Engine(EndpointId address, int ranks)
    {
        lock (Gate)
        {
            if (!_engines.TryGetValue(address.WithoutRank(), out var engine))
            {
                engine = new IndexedEngine(address.WithoutRank(), ranks);
                _engines.Add(address.WithoutRank(), engine);
            }

            return engine;
        }
    }

    /// <summary>One rank of an engine, made known if it is new; null when there are too many endpoints.</summary>
    public IndexedEndpoint? Endpoint(IndexedEngine engine, int rank)
    {
        lock (Gate)
        {
            if (_byRank.TryGetValue((engine, rank), out var endpoint))
            {
                return endpoint;
            }

            var number = _all.Length;
            if (number == InMemoryBlockIndex.MaxEndpoints)
            {
                return null;
            }

            engine.Saw(rank);
            endpoint = new IndexedEndpoint(number, engine, rank, new EndpointBlocks(number, index, budget));
            _byRank.Add((engine, rank), endpoint);
            _all = [.. _all, endpoint];
            return endpoint;
        }
    }

    /// <summary>The endpoints that a name means: one, or all ranks of an engine named without rank.</summary>
    public IEnumerable<IndexedEndpoint> Named(EndpointId name) =>
        _all.Where(endpoint => endpoint.Engine.Answers(name, endpoint.Rank));

    /// <summary>Notes a block, forgetting others when memory is short. Call it under <see cref="Gate"/>.</summary>
    public void Store(IndexedEndpoint endpoint, Tier tier, int group, ulong hash, ulong key)
    {
        for (var round = 0; !endpoint.Blocks.TryStore(tier, group, hash, key); round++)
        {
            if (round == MaxEvictionRounds)
            {
                Refused++;
                return;
            }

            Evict(endpoint);
        }
    }

    /// <summary>Forgets what an endpoint holds. Its event stream goes on.</summary>
    public void Clear(IndexedEndpoint endpoint)
    {
        lock (Gate)
        {
            endpoint.Blocks.Clear();
            endpoint.Parked.Clear();
        }
    }

    /// <summary>Forgets what waited too long: doubtful blocks, parked stores.</summary>
    /// <returns>Parked stores given up.</returns>
    public int DropLate()
    {
        var now = clock.GetUtcNow();
        var orphans = 0;
        foreach (var endpoint in _all)
        {
            lock (Gate)
            {
                endpoint.Blocks.DropDoubtful(now);
                orphans += endpoint.Parked.DropLate(now);
            }
        }

        return orphans;
    }

    // Whoever has most gives: a large engine loses a small part of its knowledge, a small one would lose all.
    private void Evict(IndexedEndpoint beneficiary)
    {
        var largest = _all.MaxBy(endpoint => endpoint.Blocks.Count)!;
        var before = largest.Blocks.Count;
        largest.Blocks.Evict(Math.Max(64, before / EvictedShare));
        Evicted += before - largest.Blocks.Count;
        if (largest != beneficiary)
        {
            // Its own freed places do as well for new blocks of its own; another one needs the memory.
            largest.Blocks.Trim();
            index.Compact();
        }
    }
}
