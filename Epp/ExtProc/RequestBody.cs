using System.Buffers;
using LlmdAspire.Epp.Picking;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Epp.ExtProc;

/// <summary>The pieces of a request body, one after the other in rented memory. Not thread-safe; dispose it to give the memory back.</summary>
/// <param name="budget">What all bodies may take together.</param>
/// <param name="most">Bytes one body may have.</param>
internal sealed class RequestBody(ByteBudget budget, long most) : IDisposable
{
    private byte[] _bytes = [];
    private int _length;

    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    /// <summary>Copies a piece to the end.</summary>
    /// <returns>Null, or why the body is refused.</returns>
    public Refusal? Append(in ReadOnlySequence<byte> piece)
    {
        var length = _length + piece.Length;
        if (length > most)
        {
            return Refusal.TooLarge(most);
        }

        if (length > _bytes.Length && !Grow((int)length))
        {
            return Refusal.NoMemory;
        }

        piece.CopyTo(_bytes.AsSpan(_length));
        _length = (int)length;
        return null;
    }

    /// <summary>Fills with spaces what a client may not say; the length stays.</summary>
    /// <param name="isUtf8">False when a JSON reader of engines may see another text in it.</param>
    /// <returns>Whether there was anything.</returns>
    public bool BlankTransferParams(out bool isUtf8)
    {
        var found = TransferParamsScanner.FindIn(new ReadOnlySequence<byte>(Bytes), out isUtf8);
        foreach (var range in found)
        {
            _bytes.AsSpan((int)range.Start, (int)range.Length).Fill((byte)' ');
        }

        return found.Count > 0;
    }

    /// <summary>Puts other bytes in the place of some.</summary>
    /// <returns>Null, or why the body is refused.</returns>
    public Refusal? Replace(ByteRange range, ReadOnlySpan<byte> text)
    {
        var (start, end) = ((int)range.Start, (int)(range.Start + range.Length));
        var length = _length - (end - start) + text.Length;
        if (length > _bytes.Length && !Grow(length))
        {
            return Refusal.NoMemory;
        }

        _bytes.AsSpan(end, _length - end).CopyTo(_bytes.AsSpan(start + text.Length));
        text.CopyTo(_bytes.AsSpan(start));
        _length = length;
        return null;
    }

    public void Dispose()
    {
        Return(_bytes);
        _bytes = [];
        _length = 0;
    }

    private bool Grow(int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(length, 2L * _bytes.Length), Array.MaxLength));
        if (!budget.TryTake(larger.Length))
        {
            ArrayPool<byte>.Shared.Return(larger);
            return false;
        }

        _bytes.AsSpan(0, _length).CopyTo(larger);
        Return(_bytes);
        _bytes = larger;
        return true;
    }

    private void Return(byte[] bytes)
    {
        if (bytes.Length > 0)
        {
            budget.GiveBack(bytes.Length);
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
