using System.Buffers;

namespace LlmdAspire.Bench.Client;

/// <summary>Cuts a stream of server-sent events into their data, wherever the network split it.</summary>
/// <remarks>
/// Bytes are received into <see cref="GetMemory"/> and announced with <see cref="Advance"/>; then <see cref="TryRead"/> is called until
/// it has no more. Nothing is copied unless an event's data has several lines. Reusable after <see cref="Reset"/>; not thread-safe.
/// </remarks>
internal sealed class EventReader
{
    private const int FirstSize = 16 * 1024;
    private const int LeastRoom = 4 * 1024;

    /// <summary>Largest event; a server that writes more is broken.</summary>
    public const int LargestEvent = 16 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _joined = new();
    private byte[] _buffer = new byte[FirstSize];
    private int _start;
    private int _end;
    private int _scanned;

    public void Reset()
    {
        _start = _end = _scanned = 0;
        if (_buffer.Length > FirstSize)
        {
            _buffer = new byte[FirstSize];
        }
    }

    /// <summary>Room for the next bytes; what <see cref="TryRead"/> gave before is gone.</summary>
    /// <exception cref="InvalidDataException">An event exceeds <see cref="LargestEvent"/>.</exception>
    public Memory<byte> GetMemory()
    {
        if (_buffer.Length - _end < LeastRoom)
        {
            MakeRoom();
        }

        return _buffer.AsMemory(_end);
    }

    public void Advance(int count) => _end += count;

    /// <summary>The data of the next whole event; events without data are passed over.</summary>
    public bool TryRead(out ReadOnlySpan<byte> data)
    {
        while (FindEventEnd() is >= 0 and var end)
        {
            var text = _buffer.AsSpan(_start, end - _start);
            _start = _scanned = end;
            if (TryReadData(text, out data))
            {
                return true;
            }
        }

        if (_start == _end)
        {
            _start = _end = _scanned = 0;
        }

        data = default;
        return false;
    }

    /// <summary>The data of a last event that nothing follows, once the stream has ended.</summary>
    public bool TryReadLast(out ReadOnlySpan<byte> data)
    {
        var text = _buffer.AsSpan(_start, _end - _start);
        _start = _scanned = _end;
        return TryReadData(text, out data);
    }

    // An event ends with an empty line. Returns the index behind it.
    private int FindEventEnd()
    {
        var bytes = _buffer.AsSpan(0, _end);
        var at = Math.Max(_start, _scanned);
        while (bytes[at..].IndexOf((byte)'\n') is >= 0 and var offset)
        {
            at += offset;
            var next = at + 1;
            if (next < _end && bytes[next] == (byte)'\r')
            {
                next++;
            }

            if (next == _end)
            {
                // The rest of the empty line may still come.
                _scanned = at;
                return -1;
            }

            if (bytes[next] == (byte)'\n')
            {
                return next + 1;
            }

            at++;
        }

        _scanned = _end;
        return -1;
    }

    private bool TryReadData(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> data)
    {
        data = default;
        var lines = 0;
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            if (!line.StartsWith("data:"u8))
            {
                continue;
            }

            var value = line["data:".Length..].TrimEnd((byte)'\r');
            value = value.StartsWith(" "u8) ? value[1..] : value;
            data = ++lines == 1 ? value : Join(data, value, isFirst: lines == 2);
        }

        return lines > 0;
    }

    private ReadOnlySpan<byte> Join(ReadOnlySpan<byte> before, ReadOnlySpan<byte> value, bool isFirst)
    {
        if (isFirst)
        {
            _joined.ResetWrittenCount();
            _joined.Write(before);
        }

        _joined.Write("\n"u8);
        _joined.Write(value);
        return _joined.WrittenSpan;
    }

    private void MakeRoom()
    {
        var kept = _end - _start;
        var target = _buffer;
        if (_buffer.Length - kept < LeastRoom)
        {
            if (_buffer.Length >= LargestEvent)
            {
                throw new InvalidDataException($"An event exceeds {LargestEvent / 1024 / 1024} MiB.");
            }

            target = new byte[_buffer.Length * 2];
        }

        _buffer.AsSpan(_start, kept).CopyTo(target);
        _buffer = target;
        _scanned = Math.Max(0, _scanned - _start);
        _start = 0;
        _end = kept;
    }
}
