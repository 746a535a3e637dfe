using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using LlmdAspire.EngineModel.Blocks;
using LlmdAspire.Protocols.MessagePack.KvEvents;
using LlmdAspire.Protocols.Zmtp;
using LlmdAspire.Serving.Blocks.EngineHashes;

namespace LlmdAspire.Simulator.KvEvents;

/// <summary>Publishes what one rank's prefix cache gains and loses, as vLLM does: a message of topic, sequence number and batch for each step that changed it.</summary>
/// <remarks>The engine calls it under its lock, so batches leave in the order of the changes. Sending never waits: a subscriber that is too slow loses batches and can ask for them again.</remarks>
internal sealed class KvEventPublisher : IKvCacheObserver, IAsyncDisposable
{
    private const string Medium = "GPU";
    private const string SpecKind = "full_attention";

    private readonly ZmqPublisher _socket;
    private readonly KvEventReplay? _replay;
    private readonly ReplayBuffer _buffer;
    private readonly KvEventBatchWriter _writer;
    private readonly TimeProvider _time;
    private readonly byte[] _topic;
    private readonly int _rank;
    private readonly byte[] _sequenceFrame = new byte[sizeof(ulong)];
    private ulong _sequence;

    private KvEventPublisher(KvEventsConfig config, string topic, KvEventForm form, int rank, TimeProvider time, ILogger logger)
    {
        _rank = rank;
        _time = time;
        _topic = Encoding.UTF8.GetBytes(topic);
        _writer = new KvEventBatchWriter(form);
        _buffer = new ReplayBuffer(config.BufferSteps);
        _socket = new ZmqPublisher(new ZmqOptions { SendHighWaterMark = config.HighWaterMark, OnEvent = what => KvEventLog.Tell(logger, "KV events", what) });
        _replay = config.ReplayEndpoint is null ? null : new KvEventReplay(_buffer, logger);
    }

    /// <summary>Where subscribers find it, with the real port; where it dials, for one that connects.</summary>
    public string Endpoint { get; private set; } = "";

    /// <summary>Where batches can be asked for again; null for nowhere.</summary>
    public string? ReplayEndpoint { get; private set; }

    /// <summary>The number of an adapter, which older subscribers know it by; null for one that was unloaded.</summary>
    public Func<string, int?> LoraId { get; set; } = _ => null;

    /// <summary>Whether block hashes go out as whole digests instead of their last eight bytes as a number.</summary>
    public bool UsesDigests { get; set; }

    /// <summary>Opens the sockets of one rank.</summary>
    /// <param name="offset">How many ports the addresses are moved; the rank, unless several engines share the configuration.</param>
    /// <exception cref="System.Net.Sockets.SocketException">A port is in use.</exception>
    public static KvEventPublisher Open(KvEventsConfig config, string topic, KvEventForm form, int rank, int offset, TimeProvider time, ILogger logger)
    {
        var publisher = new KvEventPublisher(config, topic, form, rank, time, logger);
        try
        {
            publisher.Open(EventAddress.Of(config.Endpoint, offset), config.ReplayEndpoint is { } replay ? EventAddress.Of(replay, offset) : null);
            return publisher;
        }
        catch
        {
            // Nothing was bound or connected, so nothing is waited for.
            _ = publisher.DisposeAsync().AsTask();
            throw;
        }
    }

    public void Stored(ReadOnlySpan<BlockDigest> digests, BlockDigest? parent, int firstBlock, IBlockContent content)
    {
        var count = digests.Length * content.BlockSize;
        var tokens = ArrayPool<int>.Shared.Rent(count);
        var hashes = ArrayPool<ulong>.Shared.Rent(digests.Length);
        var extra = new ExtraKey[]?[digests.Length];
        content.CopyTokens(firstBlock * content.BlockSize, tokens.AsSpan(0, count));
        var anyExtra = false;
        var digestBytes = UsesDigests ? MemoryMarshal.AsBytes(digests) : [];
        ReadOnlySpan<byte> parentDigest = UsesDigests && parent is { } before ? before : [];
        for (var i = 0; i < digests.Length; i++)
        {
            hashes[i] = digests[i].External;
            extra[i] = content.ExtraKeysOf(firstBlock + i);
            anyExtra |= extra[i] is not null;
        }

        _writer.BlockStored(new KvBlockStored
        {
            BlockHashes = hashes.AsSpan(0, digests.Length),
            ParentBlockHash = parent?.External,
            Digests = digestBytes,
            ParentDigest = parentDigest,
            TokenIds = tokens.AsSpan(0, count),
            BlockSize = content.BlockSize,
            LoraId = content.LoraName is { } adapter ? LoraId(adapter) : null,
            LoraName = content.LoraName,
            Medium = Medium,
            ExtraKeys = anyExtra ? extra : [],
            GroupIndex = 0,
            SpecKind = SpecKind,
        });
        ArrayPool<int>.Shared.Return(tokens);
        ArrayPool<ulong>.Shared.Return(hashes);
    }

    public void Removed(BlockDigest digest) =>
        _writer.BlockRemoved([digest.External], Medium, groupIndex: 0, UsesDigests ? digest : []);

    public void Cleared() => _writer.AllBlocksCleared();

    public void StepEnded()
    {
        if (_writer.Count == 0)
        {
            return;
        }

        var now = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        var payload = _writer.Complete(now, _rank).ToArray();
        BinaryPrimitives.WriteUInt64BigEndian(_sequenceFrame, _sequence);
        _buffer.Add(_sequence, payload);
        _ = _socket.Send(_topic, _sequenceFrame, payload);
        _sequence++;
    }

    public async ValueTask DisposeAsync()
    {
        await _socket.DisposeAsync();
        if (_replay is not null)
        {
            await _replay.DisposeAsync();
        }
    }

    private void Open(string address, string? replayAddress)
    {
        ReplayEndpoint = replayAddress is null ? null : _replay!.Bind(replayAddress);
        if (EventAddress.Binds(address))
        {
            Endpoint = _socket.Bind(address);
            return;
        }

        _socket.Connect(address);
        Endpoint = address;
    }
}
