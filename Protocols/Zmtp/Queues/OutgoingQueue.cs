using System.Buffers;
using LlmdAspire.Protocols.Zmtp.Wire;

namespace LlmdAspire.Protocols.Zmtp.Queues;

/// <summary>Frames on their way to one peer, already encoded, in a chain of pooled segments. Many threads append, one writer takes.</summary>
/// <remarks>
/// Small messages share a segment, so a busy connection sends many of them per system call. A message counts as queued until the
/// segment it ends in has been accepted by the operating system.
/// </remarks>
internal sealed class OutgoingQueue(int maxMessages, long maxBytes, Action roomAgain)
{
    // 32 KiB: a hundred batches of a quiet engine, and small enough that a thousand subscribers cost 32 MiB while all are sending.
    private const int SegmentBytes = 32 << 10;

    private readonly Queue<Segment> _segments = new();
    private readonly Lock _gate = new();
    private readonly AsyncSignal _data = new();
    private Segment? _tail;
    private Segment? _spare;
    private int _messages;
    private long _bytes;
    private bool _refusedSome;
    private bool _closed;

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _bytes == 0;
            }
        }
    }

    /// <summary>Appends a whole message, or nothing when a bound is reached or the queue is closed.</summary>
    public bool TryAppend(ReadOnlySpan<ReadOnlyMemory<byte>> frames)
    {
        long size = 0;
        foreach (var frame in frames)
        {
            size += FrameHeader.SizeFor(frame.Length) + frame.Length;
        }

        bool wasEmpty;
        lock (_gate)
        {
            if (_closed || _messages >= maxMessages || (_bytes > 0 && _bytes + size > maxBytes))
            {
                _refusedSome = true;
                return false;
            }

            wasEmpty = _bytes == 0;
            for (var i = 0; i < frames.Length; i++)
            {
                Write(i < frames.Length - 1 ? FrameHeader.More : (byte)0, frames[i].Span);
            }

            _tail!.Messages++;
            _messages++;
        }

        if (wasEmpty)
        {
            _data.Set();
        }

        return true;
    }

    /// <summary>Appends one frame of the protocol itself. Unless it is <paramref name="vital"/> a full queue drops it: a peer that does not read needs no answer to its PING.</summary>
    public void AppendControl(byte flags, ReadOnlySpan<byte> body, bool vital)
    {
        bool wasEmpty;
        lock (_gate)
        {
            if (_closed || (!vital && _bytes > SegmentBytes))
            {
                return;
            }

            wasEmpty = _bytes == 0;
            Write(flags, body);
        }

        if (wasEmpty)
        {
            _data.Set();
        }
    }

    public ValueTask WaitForDataAsync() => _data.WaitAsync();

    /// <summary>Takes the oldest segment; hand it to <see cref="Sent"/> afterwards.</summary>
    public bool TryTake(out Segment segment)
    {
        lock (_gate)
        {
            if (!_segments.TryDequeue(out segment!))
            {
                return false;
            }

            if (segment == _tail)
            {
                _tail = null;
            }

            return true;
        }
    }

    public void Sent(Segment segment)
    {
        bool raise;
        lock (_gate)
        {
            _messages -= segment.Messages;
            _bytes -= segment.Length;
            Release(segment);
            raise = _refusedSome && _messages <= maxMessages / 2 && _bytes <= maxBytes / 2;
            _refusedSome &= !raise;
        }

        if (raise)
        {
            roomAgain();
        }
    }

    /// <summary>Gives all memory back; the writer, woken, finds nothing more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            while (_segments.TryDequeue(out var segment))
            {
                ArrayPool<byte>.Shared.Return(segment.Buffer);
            }

            if (_spare is not null)
            {
                ArrayPool<byte>.Shared.Return(_spare.Buffer);
                _spare = null;
            }

            _tail = null;
        }

        _data.Set();
        roomAgain();
    }

    private void Write(byte flags, ReadOnlySpan<byte> body)
    {
        Span<byte> header = stackalloc byte[FrameHeader.MaxSize];
        WriteBytes(header[..FrameHeader.Write(header, flags, body.Length)]);
        WriteBytes(body);
    }

    private void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        _bytes += bytes.Length;
        while (true)
        {
            if (_tail is null || _tail.Length == _tail.Buffer.Length)
            {
                _tail = _spare ?? new Segment(ArrayPool<byte>.Shared.Rent(SegmentBytes));
                _spare = null;
                _segments.Enqueue(_tail);
            }

            var part = Math.Min(bytes.Length, _tail.Buffer.Length - _tail.Length);
            bytes[..part].CopyTo(_tail.Buffer.AsSpan(_tail.Length));
            _tail.Length += part;
            bytes = bytes[part..];
            if (bytes.IsEmpty)
            {
                return;
            }
        }
    }

    private void Release(Segment segment)
    {
        if (_spare is null && !_closed)
        {
            segment.Length = 0;
            segment.Messages = 0;
            _spare = segment;
        }
        else
        {
            ArrayPool<byte>.Shared.Return(segment.Buffer);
        }
    }

    /// <summary>A stretch of encoded frames.</summary>
    internal sealed class Segment(byte[] buffer)
    {
        public byte[] Buffer { get; } = buffer;

        public int Length { get; set; }

        /// <summary>Messages whose last byte lies here.</summary>
        public int Messages { get; set; }
    }
}
