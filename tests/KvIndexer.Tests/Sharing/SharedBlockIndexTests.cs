using System.Diagnostics.Metrics;
using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.KvIndexer.Index;
using LlmdAspire.KvIndexer.Sharing;
using LlmdAspire.KvIndexer.Tests.Index;
using LlmdAspire.KvIndexer.Tests.Peers;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.Blocks;
using LlmdAspire.Serving.Endpoints;
using LlmdAspire.Tests.Shared;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmdAspire.KvIndexer.Tests.Sharing;

/// <summary>The contract of a block index across processes: what one replica writes to Redis, another finds.</summary>
public sealed class SharedBlockIndexTests(RedisServer redis) : BlockIndexContract, IClassFixture<RedisServer>, IAsyncDisposable
{
    private readonly List<Replica> _replicas = [];

    private protected override IBlockIndex Create()
    {
        RedisServer.SkipIfMissing();
        // Others' blocks are not in the way: their seed differs.
        string[] flags = [.. redis.Flags, "--hash-seed", Guid.NewGuid().ToString("N")];
        var (writer, reader) = (new Replica(flags), new Replica(flags));
        _replicas.AddRange([writer, reader]);
        return new Pair(writer, reader);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }
    }

    /// <summary>A KvIndexer without its sockets.</summary>
    private sealed class Replica : IAsyncDisposable
    {
        private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        private readonly IndexerMetrics _metrics;

        public Replica(string[] args)
        {
            _metrics = new IndexerMetrics(_services.GetRequiredService<IMeterFactory>());
            var flags = new KvIndexerFlags();
            Assert.Null(flags.Read(args));
            var budget = new ByteBudget(long.MaxValue);
            Index = new InMemoryBlockIndex(budget);
            Catalog = new EndpointCatalog(Index, budget, TimeProvider.System);
            Shared = new SharedIndex(flags, Catalog, new BlockKeys(flags.HashSeed, flags.BlockSize), _metrics, TimeProvider.System, NullLogger<SharedIndex>.Instance);
            Shared.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        }

        public InMemoryBlockIndex Index { get; }

        public EndpointCatalog Catalog { get; }

        public SharedIndex Shared { get; }

        public IndexedEndpoint Endpoint(int number)
        {
            Assert.True(EndpointId.TryParse($"http://10.0.0.1:{1000 + number}", out var id, out _));
            return Catalog.Endpoint(Catalog.Engine(id, ranks: 1), 0)!;
        }

        public async ValueTask DisposeAsync()
        {
            await Shared.StopAsync(CancellationToken.None);
            Shared.Dispose();
            _metrics.Dispose();
            await _services.DisposeAsync();
        }
    }

    /// <summary>Writes here, reads there, once there is in step.</summary>
    private sealed class Pair(Replica writer, Replica reader) : IBlockIndex
    {
        private volatile bool _behind;

        public long Blocks => There.Blocks;

        public long Bytes => There.Bytes;

        private InMemoryBlockIndex There
        {
            get
            {
                if (_behind)
                {
                    _behind = false;
                    Eventually.DoneAsync(writer.Shared.ExchangeAsync()).GetAwaiter().GetResult();
                    Eventually.DoneAsync(reader.Shared.ExchangeAsync()).GetAwaiter().GetResult();
                }

                return reader.Index;
            }
        }

        public bool TryStore(int endpoint, Tier tier, ulong key)
        {
            if (tier == Tier.Speculative)
            {
                // An expectation is the replica's own.
                return reader.Index.TryStore(reader.Endpoint(endpoint).Number, tier, key);
            }

            var followed = writer.Endpoint(endpoint);
            followed.Connected = true;
            lock (writer.Catalog.Gate)
            {
                if (!followed.Blocks.Knows(new BlockHandle(tier, 0, key)))
                {
                    writer.Catalog.Store(followed, tier, 0, key, key);
                }
            }

            _behind = true;
            return true;
        }

        public void Remove(int endpoint, Tier tier, ulong key)
        {
            lock (writer.Catalog.Gate)
            {
                writer.Endpoint(endpoint).Blocks.Remove(tier, 0, key);
            }

            _behind = true;
        }

        public void Clear(int endpoint)
        {
            lock (writer.Catalog.Gate)
            {
                writer.Endpoint(endpoint).Blocks.Clear();
            }

            _behind = true;
        }

        public bool Holds(int endpoint, Tier tier, ulong key) => There.Holds(reader.Endpoint(endpoint).Number, tier, key);

        public void Lookup(ReadOnlySpan<ulong> keys, PrefixMatches matches)
        {
            var found = new PrefixMatches();
            There.Lookup(keys, found);
            var all = reader.Catalog.All;
            matches.Begin(InMemoryBlockIndex.MaxEndpoints);
            foreach (var number in found.Endpoints)
            {
                var named = all[number].Engine.Address.Port - 1000;
                matches.End(named, 1, found.Depth(number));
                foreach (var tier in new[] { Tier.Cpu, Tier.Storage })
                {
                    for (var block = 0; block < found.InTier(number, tier); block++)
                    {
                        matches.CountSlower(named, 1, tier);
                    }
                }
            }
        }

        public void Prefetch(Tier tier, ulong key) => reader.Index.Prefetch(tier, key);

        public bool TakeReference(Tier tier, ulong key) => There.TakeReference(tier, key);

        public void Compact() => reader.Index.Compact();
    }
}
