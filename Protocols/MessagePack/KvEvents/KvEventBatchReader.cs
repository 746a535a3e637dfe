using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace LlmdAspire.Protocols.MessagePack.KvEvents;

/// <summary>Reads one batch of KV events, as vLLM 0.9 to 0.25 and later and SGLang publish it, in array form, map form or both mixed.</summary>
/// <remarks>
/// A batch is <c>[timestamp, [event, ...], data_parallel_rank?]</c>; an event is
/// <c>["BlockStored", [0x1f3a, 0x77b0], null, [1, 2, 3, 4], 2, null]</c> or
/// <c>{"type": "BlockStored", "block_hashes": [0x1f3a, 0x77b0], ...}</c>.
/// Tags, keys and trailing elements of later versions are passed over. An event that breaks its own rules (a negative group, a hash that is text) is passed over and
/// counted; only input that is no MessagePack ends the batch, and then the events before it have been delivered.
/// Usage: <see cref="TryReadHeader"/>, then <see cref="TryRead"/> until false, then look at <see cref="Error"/>.
/// </remarks>
public ref partial struct KvEventBatchReader
{
    private readonly KvEventBuffers _buffers;
    private MessagePackReader _reader;
    private KvEvent _current;
    private int _elements;
    private int _eventsLeft;

    /// <summary>Reads a payload that must stay as it is until the last event was used.</summary>
    /// <param name="payload">The third frame of the message.</param>
    /// <param name="buffers">Used again by the next reader; not by two at a time.</param>
    public KvEventBatchReader(ReadOnlyMemory<byte> payload, KvEventBuffers buffers)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        _buffers = buffers;
        _reader = new MessagePackReader(new ReadOnlySequence<byte>(payload));
    }

    /// <inheritdoc cref="KvEventBatchReader(ReadOnlyMemory{byte}, KvEventBuffers)"/>
    public KvEventBatchReader(in ReadOnlySequence<byte> payload, KvEventBuffers buffers)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        _buffers = buffers;
        _reader = new MessagePackReader(payload);
    }

    /// <summary>Why the batch could not be read to its end; <see cref="MessagePackError.None"/> when it was.</summary>
    public MessagePackError Error { get; private set; }

    /// <summary>When the engine made the batch, seconds since the Unix epoch.</summary>
    public double Timestamp { get; private set; }

    /// <summary>The engine's rank, once <see cref="TryRead"/> has returned false; null where the engine sends none. It stands behind the events: see <see cref="TryPeekRank"/>.</summary>
    public int? DataParallelRank { get; private set; }

    /// <summary>Events of a kind not known here, passed over.</summary>
    public int UnknownEvents { get; private set; }

    /// <summary>Events that break their own rules, passed over.</summary>
    public int MalformedEvents { get; private set; }

    /// <summary>Reads what stands before the events. False when this is no batch.</summary>
    public bool TryReadHeader()
    {
        if (_reader.TryReadArrayHeader(out _elements) && _elements >= 2
            && _reader.TryReadDouble(out var timestamp)
            && _reader.TryReadArrayHeader(out _eventsLeft))
        {
            Timestamp = timestamp;
            return true;
        }

        _eventsLeft = 0;
        return Fail(_reader.Error == MessagePackError.None ? MessagePackError.WrongType : _reader.Error);
    }

    /// <summary>Looks past all events for the rank, at the price of a pass over the payload. Call it between the header and the first event.</summary>
    public readonly bool TryPeekRank(out int? rank)
    {
        var ahead = this;
        for (var i = 0; i < _eventsLeft; i++)
        {
            if (!ahead._reader.TrySkip())
            {
                rank = null;
                return false;
            }
        }

        ahead.ReadRank();
        rank = ahead.DataParallelRank;
        return true;
    }

    /// <summary>The event that <see cref="TryRead"/> read.</summary>
    [UnscopedRef]
    public readonly ref readonly KvEvent Current => ref _current;

    /// <summary>Reads the next event into <see cref="Current"/>; false after the last one, and when the rest cannot be read.</summary>
    public bool TryRead()
    {
        _current = default;
        while (_eventsLeft > 0)
        {
            _eventsLeft--;
            var start = _reader;
            switch (ReadEvent())
            {
                case Outcome.Read:
                    return true;
                case Outcome.Unknown:
                    UnknownEvents++;
                    break;
                default:
                    MalformedEvents++;
                    break;
            }

            // Events delimit themselves, so a strange one costs only itself.
            _current = default;
            _reader = start;
            if (!_reader.TrySkip())
            {
                _eventsLeft = 0;
                MalformedEvents--;
                return Fail(_reader.Error);
            }
        }

        if (Error == MessagePackError.None)
        {
            ReadRank();
        }

        return false;
    }

    private void ReadRank()
    {
        // Engines before 0.9.1 and those that run alone send none.
        if (_elements >= 3 && DataParallelRank is null && _reader.TryReadInt64(out var rank) && rank is >= 0 and <= int.MaxValue)
        {
            DataParallelRank = (int)rank;
        }
    }

    private bool Fail(MessagePackError error)
    {
        Error = error;
        return false;
    }

    private enum Outcome
    {
        Read,
        Unknown,
        Malformed,
    }
}
