using System.Buffers;
using LlmdAspire.Epp.Picking;

namespace LlmdAspire.Epp.ExtProc;

/// <summary>Names, in an answer that passes in pieces, the model that the client named instead of the one that served it.</summary>
/// <remarks>
/// Textual, as in llm-d's picker: <c>"model":"NAME"</c> with or without one space. Generated text is safe from it, since quotes in it are escaped. What may be the beginning of such a place is kept back
/// until the next piece. Not thread-safe.
/// </remarks>
internal sealed class ModelNameBack
{
    private readonly byte[][] _served;
    private readonly byte[] _asked;
    private byte[] _kept = [];

    public ModelNameBack(ModelRewrite rewrite)
    {
        var served = ModelRewrite.Quote(rewrite.To);
        _served = [[.. "\"model\":"u8, .. served], [.. "\"model\": "u8, .. served]];
        _asked = [.. "\"model\":"u8, .. ModelRewrite.Quote(rewrite.From)];
    }

    /// <summary>The piece as the client reads it.</summary>
    public ReadOnlySequence<byte> Pass(in ReadOnlySequence<byte> piece, bool endOfStream)
    {
        byte[] bytes = [.. _kept, .. piece.ToArray()];
        var output = new ArrayBufferWriter<byte>(bytes.Length + _asked.Length);
        var rest = bytes.AsSpan();
        while (FindFirst(rest) is (>= 0 and var at, var length))
        {
            output.Write(rest[..at]);
            output.Write(_asked);
            rest = rest[(at + length)..];
        }

        var open = endOfStream ? 0 : Math.Max(Overlap(rest, _served[0]), Overlap(rest, _served[1]));
        output.Write(rest[..^open]);
        _kept = rest[^open..].ToArray();
        return new ReadOnlySequence<byte>(output.WrittenMemory);
    }

    private (int At, int Length) FindFirst(ReadOnlySpan<byte> bytes)
    {
        var (first, second) = (bytes.IndexOf(_served[0]), bytes.IndexOf(_served[1]));
        return second < 0 || (first >= 0 && first < second) ? (first, _served[0].Length) : (second, _served[1].Length);
    }

    // How much of the end may be the beginning of the pattern.
    private static int Overlap(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> pattern)
    {
        var length = Math.Min(bytes.Length, pattern.Length - 1);
        while (length > 0 && !bytes[^length..].SequenceEqual(pattern[..length]))
        {
            length--;
        }

        return length;
    }
}
