using LlmdAspire.KvIndexer.CommandLine;
using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.Serving.Blocks;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.KvIndexer.Sharing;

/// <summary>Keeps the index in step with other replicas through Redis: writes what this one learns by events, reads what it does not follow itself.</summary>
/// <remarks>
/// <para>Lookups never come here; the index in memory answers them. An endpoint has one writer at a time, a replica whose line to it stands; the others that follow
/// it too rely on their own events. While Redis is away nothing is kept for it: when it is back, whoever owns an endpoint writes its whole state.</para>
/// <para>docs/decisions/0021-redis-is-shared-not-asked.md.</para>
/// </remarks>
internal sealed class SharedIndex(
    KvIndexerFlags flags, EndpointCatalog catalog, BlockKeys keys, IndexerMetrics metrics, TimeProvider clock, ILogger<SharedIndex> logger) : BackgroundService
{
    private const int ChangesPerWrite = 500;

    // Then it is somebody else's turn, however fast more changes come.
    private const int WritesPerTurn = 64;
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    // Several events make one write.
    private static readonly TimeSpan s_gathering = TimeSpan.FromMilliseconds(10);

    private readonly string _me = Guid.NewGuid().ToString("N");
    private readonly Dictionary<IndexedEndpoint, SharedEndpoint> _shared = [];
    private readonly ChangeSpace _space = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<TaskCompletionSource> _rounds = [];
    private volatile bool _degraded = flags.RedisAddress is not null;
    private volatile bool _lost;
    private long _version;
    private bool _toldAway;

    /// <summary>Whether there is a shared store and it cannot be reached.</summary>
    public bool IsDegraded => _degraded;

    /// <summary>Done once what is shared is known here, or the first attempt to find out failed. Events wait for it, so that they continue what another process knew.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Writes and reads all there is; done after that, however long Redis is away.</summary>
    public Task ExchangeAsync()
    {
        var round = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_rounds)
        {
            _rounds.Add(round);
        }

        Wake();
        return round.Task;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (flags.RedisAddress is not { } address)
        {
            _ready.SetResult();
            return;
        }

        var layout = new SharedLayout(keys, flags.RedisExpiry);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                _lost = false;
                await using var store = await RedisStore.ConnectAsync(address, flags.RedisPassword, layout, Wake, Lost, stoppingToken);
                await ShareAsync(store, address, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // Whatever it is, it must not end the service, which can do without.
                GiveUp(address, e);
                ForgetUnheard();
                await Task.Delay(s_retry, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ShareAsync(RedisStore store, RedisAddress address, CancellationToken stopping)
    {
        while (true)
        {
            var began = clock.GetTimestamp();
            var rounds = TakeRounds();
            await ApplyChangesAsync(store);
            await MeetAsync(store);
            await WriteAllAsync(store, evenUnchanged: true);
            SayShared(address);
            rounds.ForEach(round => round.TrySetResult());
            try
            {
                while (!HasRounds() && !HasUnmet && clock.GetElapsedTime(began) < s_period)
                {
                    if (await _wake.WaitAsync(s_glance, stopping))
                    {
                        await Task.Delay(s_gathering, clock, stopping);
                        await ApplyChangesAsync(store);
                        await WriteAllAsync(store, evenUnchanged: false);
                    }
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                await ReleaseAllAsync(store);
                throw;
            }
        }
    }

    // Looks who writes what, reads what others write, and offers to write what is followed here.
    private async Task MeetAsync(RedisStore store)
    {
        ThrowIfLost();
        var rows = (await store.ListAsync()).ToDictionary(row => row.Name);
        foreach (var row in rows.Values.Where(row => row.Owner != _me && row.Version.Length > 0))
        {
            if (Find(row.Name) is not { } shared)
            {
                continue;
            }

            // Another took over while nothing was to be written here, so that no write was refused.
            if (shared.IsOwned)
            {
                Disown(shared);
            }

            if (row.IsOwnerAlive)
            {
                shared.Heard = clock.GetTimestamp();
            }

            if (shared.Version != row.Version && shared.MayBeRead)
            {
                await ReadAsync(store, shared);
            }
        }

        foreach (var endpoint in catalog.All)
        {
            _ = Shared(endpoint);
        }

        foreach (var shared in _shared.Values)
        {
            shared.IsMet = shared.Endpoint.Connected;
            if (shared.IsMet)
            {
                StopMirroring(shared);
            }
        }

        ForgetUnheard();
        await Task.WhenAll(_shared.Values
            .Where(shared => shared.IsMet && !(rows.TryGetValue(shared.Name, out var row) && row.IsOwnerAlive && row.Owner != _me))
            .Select(shared => ClaimAsync(store, shared)));
    }

    private async Task ClaimAsync(RedisStore store, SharedEndpoint shared)
    {
        var version = await store.ClaimAsync(shared.Name, _me);
        if (version is null)
        {
            Disown(shared);
        }
        else if (!shared.IsOwned || shared.Version != version || shared.Endpoint.Blocks.Journal is { IsOverfull: true })
        {
            await WriteWholeAsync(store, shared);
        }
    }

    private async Task WriteWholeAsync(RedisStore store, SharedEndpoint shared)
    {
        List<KeyValuePair<BlockHandle, ulong>> blocks;
        SharedChange whole;
        lock (catalog.Gate)
        {
            shared.Endpoint.Blocks.Journal?.Drop();
            shared.Endpoint.Blocks.Journal = new ChangeJournal(_space, Wake);
            blocks = [.. shared.Endpoint.Blocks.All];
            whole = new SharedChange(shared.Name, null, NextVersion(), SharedHeader.Of(shared.Endpoint), Cleared: true, []);
        }

        if (await store.ReplaceAsync(whole, blocks, _me))
        {
            (shared.Version, shared.Header) = (whole.After, whole.Header);
            metrics.Shared("written_whole", blocks.Count);
        }
        else
        {
            Disown(shared);
        }
    }

    private Task WriteAllAsync(RedisStore store, bool evenUnchanged)
    {
        ThrowIfLost();
        return Task.WhenAll(_shared.Values.Where(shared => shared.IsOwned).Select(shared => WriteAsync(store, shared, evenUnchanged)));
    }

    private async Task WriteAsync(RedisStore store, SharedEndpoint shared, bool evenUnchanged)
    {
        for (var writes = 0; TakeChange(shared, evenUnchanged) is { } change; writes++)
        {
            if (!await store.ChangeAsync(change, _me))
            {
                // Another replica took over, or Redis lost it: the next round finds out.
                Disown(shared);
                return;
            }

            (shared.Version, shared.Header) = (change.After, change.Header);
            metrics.Shared("written", change.Changes.Count);
            if (writes == WritesPerTurn)
            {
                Wake();
                return;
            }
        }
    }

    private SharedChange? TakeChange(SharedEndpoint shared, bool evenUnchanged)
    {
        lock (catalog.Gate)
        {
            if (shared.Endpoint.Blocks.Journal is not { IsOverfull: false } journal)
            {
                return null;
            }

            var now = SharedHeader.Of(shared.Endpoint);
            if (journal.IsEmpty && (!evenUnchanged || now == shared.Header))
            {
                return null;
            }

            var changes = journal.Take(ChangesPerWrite, out var cleared);
            // Halfway through what a batch changed, the batch is not there yet.
            var header = journal.IsEmpty ? now : now with { At = cleared ? null : shared.Header?.At };
            return new SharedChange(shared.Name, shared.Version, NextVersion(), header, cleared, changes);
        }
    }

    private async Task ApplyChangesAsync(RedisStore store)
    {
        var missed = new HashSet<SharedEndpoint>();
        while (store.TryReadChange(out var change))
        {
            if (Find(change.Name) is not { IsOwned: false } shared || !shared.MayBeRead || missed.Contains(shared) || IsPast(change.After, shared.Version))
            {
                continue;
            }

            if (change.Before is null || change.Before != shared.Version || !shared.IsMirrored)
            {
                _ = missed.Add(shared);
                continue;
            }

            lock (catalog.Gate)
            {
                if (!shared.MayBeRead)
                {
                    // Events came meanwhile.
                    continue;
                }

                if (change.Cleared)
                {
                    shared.Endpoint.Blocks.Clear();
                }

                foreach (var (block, key) in change.Changes)
                {
                    Apply(shared.Endpoint, block, key);
                }

                Mirror(shared, change.After, change.Header);
            }

            metrics.Shared("read", change.Changes.Count);
        }

        foreach (var shared in missed)
        {
            await ReadAsync(store, shared);
        }
    }

    private async Task ReadAsync(RedisStore store, SharedEndpoint shared)
    {
        if (await store.ReadAsync(shared.Name) is not var (version, header, blocks))
        {
            return;
        }

        lock (catalog.Gate)
        {
            if (!shared.MayBeRead)
            {
                // Events came meanwhile.
                return;
            }

            // By difference: scores must not dip meanwhile, and what is expected stays expected.
            foreach (var (block, key) in shared.Endpoint.Blocks.All.ToList())
            {
                if (!blocks.TryGetValue(block, out var kept) || kept != key)
                {
                    shared.Endpoint.Blocks.Forget(block);
                }
            }

            shared.Endpoint.Parked.Clear();
            foreach (var (block, key) in blocks)
            {
                Apply(shared.Endpoint, block, key);
            }

            Mirror(shared, version, header);
        }

        metrics.Shared("read_whole", blocks.Count);
    }

    private void Apply(IndexedEndpoint endpoint, BlockHandle block, ulong? key)
    {
        if (key is not { } stored)
        {
            endpoint.Blocks.Forget(block);
        }
        else if (!endpoint.Blocks.Knows(block))
        {
            catalog.Store(endpoint, block.Tier, block.Group, block.Hash, stored);
        }
    }

    private void Mirror(SharedEndpoint shared, string version, SharedHeader header)
    {
        Resume(shared, version, header);
        shared.IsMirrored = true;
        shared.Heard = clock.GetTimestamp();
    }

    private static void Resume(SharedEndpoint shared, string version, SharedHeader header)
    {
        shared.Endpoint.Sequence.Resume(header.At);
        shared.Endpoint.Applied = header.At;
        shared.Endpoint.PartsPerBlock = header.PartsPerBlock;
        (shared.Version, shared.Header) = (version, header);
    }

    // A line that stands now and did not in the last round.
    private bool HasUnmet => catalog.All.Any(endpoint => endpoint.Connected && !(_shared.TryGetValue(endpoint, out var shared) && shared.IsMet));

    // From here on its own events tell.
    private void StopMirroring(SharedEndpoint shared)
    {
        if (shared.IsMirrored)
        {
            shared.IsMirrored = false;
            if (shared.Header is { IsDoubtful: true })
            {
                lock (catalog.Gate)
                {
                    shared.Endpoint.Blocks.Doubt(clock.GetUtcNow() + flags.StaleWindow);
                }
            }
        }
    }

    // Nobody has followed them for as long as they live in Redis, or Redis is away for so long.
    private void ForgetUnheard()
    {
        foreach (var shared in _shared.Values.Where(shared => shared.IsMirrored && !shared.Endpoint.Connected && clock.GetElapsedTime(shared.Heard) > flags.RedisExpiry))
        {
            Forget(shared);
        }
    }

    private void Forget(SharedEndpoint shared)
    {
        lock (catalog.Gate)
        {
            shared.Endpoint.Blocks.Clear();
            shared.Endpoint.Parked.Clear();
            Resume(shared, "", new SharedHeader(null, 1, false));
        }

        shared.IsMirrored = false;
    }

    private void Disown(SharedEndpoint shared)
    {
        lock (catalog.Gate)
        {
            shared.Endpoint.Blocks.Journal?.Drop();
            shared.Endpoint.Blocks.Journal = null;
        }

        shared.Version = "";
    }

    // So that a process that takes this one's place need not wait for a lease to end.
    private async Task ReleaseAllAsync(RedisStore store)
    {
        await MeetAsync(store);
        await WriteAllAsync(store, evenUnchanged: true);
        await Task.WhenAll(_shared.Values.Where(shared => shared.IsOwned).Select(shared => store.ReleaseAsync(shared.Name, _me)));
    }

    private SharedEndpoint Shared(IndexedEndpoint endpoint)
    {
        if (!_shared.TryGetValue(endpoint, out var shared))
        {
            shared = new SharedEndpoint(endpoint);
            _shared.Add(endpoint, shared);
        }

        return shared;
    }

    // Null for a name that is none, or one too many.
    private SharedEndpoint? Find(string name) =>
        EndpointId.TryParse(name, out var id, out _) && id.Rank is { } rank && catalog.Endpoint(catalog.Engine(id, ranks: 1), rank) is { } endpoint ? Shared(endpoint) : null;

    private string NextVersion() => $"{_me}:{++_version}";

    // A writer counts its versions; what it told before the one that is known is in it.
    private static bool IsPast(string told, string known)
    {
        var colon = told.IndexOf(':', StringComparison.Ordinal) + 1;
        return known.Length > colon && known.AsSpan(0, colon).SequenceEqual(told.AsSpan(0, colon))
            && long.TryParse(told.AsSpan(colon), out var toldNumber) && long.TryParse(known.AsSpan(colon), out var knownNumber) && toldNumber <= knownNumber;
    }

    private void SayShared(RedisAddress address)
    {
        if (_degraded)
        {
            Log.Shared(logger, address);
        }

        metrics.SharedIs(connected: true);
        _degraded = false;
        _toldAway = false;
        _ = _ready.TrySetResult();
    }

    private void GiveUp(RedisAddress address, Exception reason)
    {
        metrics.SharedIs(connected: false);
        _degraded = true;
        foreach (var shared in _shared.Values)
        {
            Disown(shared);
        }

        if (!_toldAway)
        {
            _toldAway = true;
            Log.SharedIsAway(logger, address, reason.Message);
        }

        _ = _ready.TrySetResult();
    }

    private void Lost()
    {
        _lost = true;
        Wake();
    }

    private void ThrowIfLost()
    {
        if (_lost)
        {
            throw new IOException("the connection broke");
        }
    }

    private List<TaskCompletionSource> TakeRounds()
    {
        lock (_rounds)
        {
            List<TaskCompletionSource> taken = [.. _rounds];
            _rounds.Clear();
            return taken;
        }
    }

    private bool HasRounds()
    {
        lock (_rounds)
        {
            return _rounds.Count > 0;
        }
    }

    private void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            try
            {
                _ = _wake.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else did.
            }
        }
    }
}
