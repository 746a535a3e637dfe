using LlmdAspire.Serving.Blocks;

namespace LlmdAspire.Serving.Tokens.Bpe;

/// <summary>Token ids and their bytes, both ways. Immutable once built; ids without a token have no bytes.</summary>
internal sealed class Vocabulary
{
    private readonly byte[] _bytes;
    private readonly int[] _starts;

    // Open addressing over ids + 1; 0 is free.
    private readonly int[] _slots;

    /// <param name="tokens">The bytes of each id, null for an id that is not given to a token.</param>
    public Vocabulary(IReadOnlyList<byte[]?> tokens)
    {
        _starts = new int[tokens.Count + 1];
        for (var id = 0; id < tokens.Count; id++)
        {
            var length = tokens[id]?.Length ?? 0;
            _starts[id + 1] = _starts[id] + length;
            LongestToken = Math.Max(LongestToken, length);
        }

        _bytes = new byte[_starts[^1]];
        _slots = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, tokens.Count * 2))];
        for (var id = 0; id < tokens.Count; id++)
        {
            if (tokens[id] is { Length: > 0 } bytes)
            {
                bytes.CopyTo(_bytes, _starts[id]);
                Add(id);
            }
        }
    }

    /// <summary>One past the highest id.</summary>
    public int Size => _starts.Length - 1;

    public int LongestToken { get; }

    public ReadOnlySpan<byte> BytesOf(int id) => _bytes.AsSpan(_starts[id], _starts[id + 1] - _starts[id]);

    /// <summary>The id of the token with these bytes, or -1.</summary>
    public int Find(ReadOnlySpan<byte> bytes)
    {
        for (var slot = (int)XxHash64.Hash(bytes) & (_slots.Length - 1); _slots[slot] != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            if (bytes.SequenceEqual(BytesOf(_slots[slot] - 1)))
            {
                return _slots[slot] - 1;
            }
        }

        return -1;
    }

    // The first of two ids with the same bytes keeps the place.
    private void Add(int id)
    {
        var bytes = BytesOf(id);
        var slot = (int)XxHash64.Hash(bytes) & (_slots.Length - 1);
        while (_slots[slot] != 0)
        {
            if (bytes.SequenceEqual(BytesOf(_slots[slot] - 1)))
            {
                return;
            }

            slot = (slot + 1) & (_slots.Length - 1);
        }

        _slots[slot] = id + 1;
    }
}
