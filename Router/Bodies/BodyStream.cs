using System.Buffers;

namespace LlmdAspire.Router.Bodies;

/// <summary>Reads a buffered body once, for one attempt.</summary>
/// <remarks>
/// A sender may still be reading when its attempt is given up; <see cref="Close"/> waits for the copy in progress and lets no other begin, so
/// that the memory can be returned.
/// </remarks>
internal sealed class BodyStream(ReadOnlySequence<byte> bytes) : PassingStream
{
    private readonly Lock _lock = new();
    private ReadOnlySequence<byte> _rest = bytes;
    private bool _closed;

    /// <summary>Whether every byte was handed out.</summary>
    public bool AtEnd
    {
        get
        {
            lock (_lock)
            {
                return _rest.IsEmpty;
            }
        }
    }

    public override int Read(Span<byte> buffer)
    {
        lock (_lock)
        {
            if (_closed && !_rest.IsEmpty)
            {
                throw new IOException("The attempt that reads this body is over.");
            }

            var count = (int)Math.Min(buffer.Length, _rest.Length);
            _rest.Slice(0, count).CopyTo(buffer);
            _rest = count == _rest.Length ? ReadOnlySequence<byte>.Empty : _rest.Slice(count);
            return count;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<int>(cancellationToken) : new(Read(buffer.Span));

    /// <summary>Ends reading; afterwards the body's memory is not touched.</summary>
    public override void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }
    }
}
