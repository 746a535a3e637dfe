using System.Buffers;

namespace LlmdAspire.Protocols.Zmtp;

/// <summary>A received message of one or more frames, in pooled memory.</summary>
/// <remarks>
/// Owned by whoever received it until <see cref="Dispose"/>, which gives the memory back: no span or memory taken from it may be
/// used afterwards. Not thread-safe. Frames lie one after the other in one contiguous array.
/// </remarks>
public sealed class ZmqMessage : IDisposable
{
    // Multi-part messages on the wires we serve have two to four frames; the bound only stops a peer from sending empty frames for ever.
    internal const int MaxFrames = 1024;

    private readonly ZmqMessagePool _pool;
    private byte[] _buffer;
    private int[] _ends = new int[4];
    private int _length;
    private int _disposed;

    internal ZmqMessage(ZmqMessagePool pool)
    {
        _pool = pool;
        _buffer = ZmqMessagePool.RentBuffer(0);
    }

    /// <summary>Number of frames, at least one.</summary>
    public int FrameCount { get; private set; }

    /// <summary>Bytes of all frames together.</summary>
    public int Length => _length;

    /// <summary>The connection it came from.</summary>
    public ZmqPeer Peer { get; private set; } = null!;

    /// <summary>A frame's bytes, good until <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> this[int frame]
    {
        get
        {
            var (start, length) = Locate(frame);
            return _buffer.AsMemory(start, length);
        }
    }

    /// <summary>A frame's bytes, good until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Span(int frame)
    {
        var (start, length) = Locate(frame);
        return _buffer.AsSpan(start, length);
    }

    /// <summary>Gives the memory back. Call it once: afterwards this object may already hold somebody else's message.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _pool.Return(this);
        }
    }

    internal byte[] Buffer => _buffer;

    internal void Begin(ZmqPeer peer)
    {
        Peer = peer;
        _length = 0;
        FrameCount = 0;
        _disposed = 0;
    }

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length).Span);
        _length += bytes.Length;
    }

    /// <summary>Free memory behind what is there; grows with what arrives and not with what a header claims.</summary>
    internal Memory<byte> Room(int atLeast)
    {
        if (_buffer.Length - _length < atLeast)
        {
            Grow(atLeast);
        }

        return _buffer.AsMemory(_length);
    }

    internal void Advance(int bytes) => _length += bytes;

    internal void EndFrame()
    {
        if (FrameCount == _ends.Length)
        {
            Array.Resize(ref _ends, _ends.Length * 2);
        }

        _ends[FrameCount++] = _length;
    }

    /// <summary>Back to a small buffer, so that a pool of messages that once were large does not stay large.</summary>
    internal void Shrink()
    {
        if (_buffer.Length > ZmqMessagePool.KeptBytes)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ZmqMessagePool.RentBuffer(0);
        }
    }

    private void Grow(int atLeast)
    {
        var larger = ZmqMessagePool.RentBuffer(Math.Max(checked(_length + atLeast), (int)Math.Min(_buffer.Length * 2L, Array.MaxLength)));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private (int Start, int Length) Locate(int frame)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        ArgumentOutOfRangeException.ThrowIfNegative(frame);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frame, FrameCount);
        var start = frame == 0 ? 0 : _ends[frame - 1];
        return (start, _ends[frame] - start);
    }
}
