using System.Threading.Channels;
using LlmdAspire.KvIndexer.CommandLine;
using LlmdAspire.KvIndexer.Endpoints;
using StackExchange.Redis;

namespace LlmdAspire.KvIndexer.Sharing;

/// <summary>One connection to Redis or Valkey and what endpoints are there. Any member may throw once the connection is lost; then a new one is made.</summary>
internal sealed class RedisStore : IAsyncDisposable
{
    /// <summary>Longest wait for an answer; a server that hangs counts as away.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private const int BlocksPerCommand = 500;
    private const int CommandsAhead = 16;
    private const int BlocksPerScan = 2000;

    // Replicas that cannot follow read the whole state again.
    private const int MessagesAhead = 1024;

    private readonly ConnectionMultiplexer _connection;
    private readonly IDatabase _database;
    private readonly SharedLayout _layout;
    private readonly Channel<SharedChange> _changes = Channel.CreateBounded<SharedChange>(
        new BoundedChannelOptions(MessagesAhead) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });

    private RedisStore(ConnectionMultiplexer connection, SharedLayout layout)
    {
        _connection = connection;
        _database = connection.GetDatabase();
        _layout = layout;
    }

    /// <summary>Connects and listens to the changes of other replicas.</summary>
    /// <param name="changed">Told when <see cref="TryReadChange"/> has something.</param>
    /// <param name="lost">Told when the connection broke.</param>
    public static async Task<RedisStore> ConnectAsync(
        RedisAddress address, string? password, SharedLayout layout, Action changed, Action lost, CancellationToken cancellation)
    {
        var options = new ConfigurationOptions
        {
            AbortOnConnectFail = true,
            ConnectRetry = 1,
            ConnectTimeout = 3000,
            SyncTimeout = (int)s_patience.TotalMilliseconds,
            Password = password,
            ClientName = "kv-indexer",
        };
        options.EndPoints.Add(address.Host, address.Port);
        var store = new RedisStore(await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(cancellation), layout);
        try
        {
            store._connection.ConnectionFailed += (_, _) => lost();
            var channel = new RedisChannel(layout.Channel, RedisChannel.PatternMode.Literal);
            await Within(store._connection.GetSubscriber().SubscribeAsync(channel, (_, message) =>
            {
                if (SharedFormat.ReadChange(message!) is { } change && store._changes.Writer.TryWrite(change))
                {
                    changed();
                }
            }));
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>The next change that another replica, or this one, told.</summary>
    public bool TryReadChange(out SharedChange change) => _changes.Reader.TryRead(out change!);

    /// <summary>All endpoints there are.</summary>
    public async Task<List<SharedRow>> ListAsync()
    {
        var cells = (RedisValue[])(await EvaluateAsync(RedisScripts.List, [_layout.Directory], [_layout.EndpointPrefix, SharedLayout.Lease]))!;
        return [.. cells.Chunk(4).Select(row => new SharedRow(row[0]!, row[1]!, row[2] == "1", row[3]!))];
    }

    /// <summary>Says that this replica writes an endpoint, now and for a while.</summary>
    /// <returns>The version that is there, empty when there is none; null when another replica writes it.</returns>
    public async Task<string?> ClaimAsync(string name, string me)
    {
        var version = await EvaluateAsync(RedisScripts.Claim, [_layout.Endpoint(name), _layout.Directory], [me, SharedLayout.Lease, _layout.Expiry, name]);
        return version.IsNull ? null : (string?)version;
    }

    /// <summary>Lets another replica write an endpoint at once.</summary>
    public Task ReleaseAsync(string name, string me) => EvaluateAsync(RedisScripts.Release, [_layout.Endpoint(name)], [me]);

    /// <summary>Writes changes and tells the others. False when this replica does not own the endpoint any more, or its state is not the one they apply to.</summary>
    public async Task<bool> ChangeAsync(SharedChange change, string me)
    {
        var stored = change.Changes.Where(pair => pair.Value is not null).SelectMany(pair => new RedisValue[] { SharedFormat.Field(pair.Key), SharedFormat.Key(pair.Value!.Value) });
        var gone = change.Changes.Where(pair => pair.Value is null).Select(pair => (RedisValue)SharedFormat.Field(pair.Key));
        RedisValue[] arguments =
        [
            me, change.Before ?? "", change.After, SharedFormat.Write(change.Header), change.Cleared ? "1" : "0", _layout.Channel, SharedFormat.Write(change),
            change.Changes.Count(pair => pair.Value is not null), .. stored, .. gone,
        ];
        return (int)await EvaluateAsync(RedisScripts.Change, [_layout.Endpoint(change.Name)], arguments) == 1;
    }

    /// <summary>Writes the whole state in place of what is there. False when this replica does not own the endpoint any more.</summary>
    public async Task<bool> ReplaceAsync(SharedChange whole, IReadOnlyList<KeyValuePair<BlockHandle, ulong>> blocks, string me)
    {
        RedisKey written = _layout.Written(whole.Name, me);
        _ = await Within(_database.KeyDeleteAsync(written));
        var ahead = new List<Task>(CommandsAhead);
        foreach (var some in blocks.Chunk(BlocksPerCommand))
        {
            ahead.Add(_database.HashSetAsync(written, [.. some.Select(pair => new HashEntry(SharedFormat.Field(pair.Key), SharedFormat.Key(pair.Value)))]));
            if (ahead.Count == CommandsAhead)
            {
                await Within(Task.WhenAll(ahead));
                ahead.Clear();
                // Left behind by a process that dies, it goes by itself.
                _ = await Within(_database.KeyExpireAsync(written, TimeSpan.FromMinutes(1)));
            }
        }

        await Within(Task.WhenAll(ahead));
        return (int)await EvaluateAsync(
            RedisScripts.Replace, [_layout.Endpoint(whole.Name), written],
            [me, whole.After, SharedFormat.Write(whole.Header), _layout.Channel, SharedFormat.Write(whole), _layout.Expiry]) == 1;
    }

    /// <summary>Reads an endpoint's state; null when there is none. Changes told meanwhile must be applied on top.</summary>
    public async Task<(string Version, SharedHeader Header, Dictionary<BlockHandle, ulong> Blocks)?> ReadAsync(string name)
    {
        RedisKey key = _layout.Endpoint(name);
        var head = await Within(_database.HashGetAsync(key, [".version", ".header"]));
        if (head[0].IsNullOrEmpty || SharedFormat.ReadHeader(head[1]) is not { } header)
        {
            return null;
        }

        var blocks = new Dictionary<BlockHandle, ulong>();
        var cursor = "0";
        do
        {
            var page = (RedisResult[])(await Within(_database.ExecuteAsync("HSCAN", key, cursor, "COUNT", BlocksPerScan)))!;
            cursor = (string)page[0]!;
            foreach (var pair in ((RedisValue[])page[1]!).Chunk(2))
            {
                if (SharedFormat.TryRead((byte[])pair[0]!, (byte[])pair[1]!, out var block, out var blockKey))
                {
                    // A scan may give a field twice.
                    blocks[block] = blockKey;
                }
            }
        }
        while (cursor != "0");
        return (head[0]!, header, blocks);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _connection.CloseAsync(allowCommandsToComplete: false).WaitAsync(s_patience);
        }
        catch (Exception e) when (e is TimeoutException or RedisException or ObjectDisposedException)
        {
            // It is being given up anyway.
        }

        _connection.Dispose();
    }

    private Task<RedisResult> EvaluateAsync(string script, RedisKey[] keys, RedisValue[] values) => Within(_database.ScriptEvaluateAsync(script, keys, values));

    private static Task<T> Within<T>(Task<T> task) => task.WaitAsync(s_patience);

    private static Task Within(Task task) => task.WaitAsync(s_patience);
}
