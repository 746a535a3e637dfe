using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Bodies;

/// <summary>A client's body on its way to an engine: its bytes pass as they come, but what clients may not say is filled with spaces.</summary>
/// <remarks>Keeps back a few bytes at most, where a piece ends before it is known what they begin. Read once, by one reader, into buffers of at least <see cref="SmallestBuffer"/> bytes.</remarks>
/// <param name="mayBeJson">The engine may read the body as JSON, so it has to be UTF-8.</param>
internal sealed class ScreenedStream(Stream client, bool mayBeJson) : PassingStream
{
    public const int SmallestBuffer = 2 * MostHeld;

    private const int MostHeld = 256;

    private readonly TransferParamsScanner _scanner = new(MostHeld);
    private byte[]? _held;
    private int _heldCount;
    private long _passed;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return await client.ReadAsync(buffer, cancellationToken);
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, SmallestBuffer);
        while (true)
        {
            _held.AsSpan(0, _heldCount).CopyTo(buffer.Span);
            var count = await client.ReadAsync(buffer[_heldCount..], cancellationToken);
            if (count == 0)
            {
                count = _heldCount;
                _heldCount = 0;
                return count;
            }

            if (Screen(buffer.Span[..(_heldCount + count)], count) is > 0 and var settled)
            {
                return settled;
            }
        }
    }

    // How many of the bytes may pass; the others are kept.
    private int Screen(Span<byte> bytes, int added)
    {
        _scanner.Scan(bytes[^added..]);
        if (mayBeJson && !_scanner.IsUtf8)
        {
            throw new BadHttpRequestException("The request body must be UTF-8.");
        }

        foreach (var range in _scanner.TakeFound())
        {
            bytes.Slice((int)(range.Start - _passed), (int)range.Length).Fill((byte)' ');
        }

        var settled = (int)(_scanner.Settled - _passed);
        _passed += settled;
        _heldCount = bytes.Length - settled;
        if (_heldCount > 0)
        {
            bytes[settled..].CopyTo(_held ??= new byte[MostHeld]);
        }

        return settled;
    }
}
