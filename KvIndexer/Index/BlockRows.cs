using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LlmdAspire.KvIndexer.Index;

/// <summary>Rows of endpoint bits in pieces of equal size, so that more rows never move those there are.</summary>
/// <remarks>One writer at a time; readers may read meanwhile and check a version afterwards.</remarks>
internal sealed class BlockRows(int words)
{
    /// <summary>Small enough that a young index does not hold mostly empty pieces, large enough that the array's own header is an eighth.</summary>
    private const int RowsPerPiece = 16;
    private const int ArrayOverhead = 24;

    private ulong[]?[] _pieces = new ulong[4][];
    private int _pieceCount;
    private int _used;
    private int _free = -1;

    /// <summary>Words per row: 64 endpoints each.</summary>
    public int Words => words;

    public long Bytes => ((long)_pieceCount * PieceBytes) + (_pieces.Length * 8L) + ArrayOverhead;

    /// <summary>Bytes that one more row would take now.</summary>
    public long GrowthBytes
    {
        get
        {
            if (_free >= 0 || _used < _pieceCount * RowsPerPiece)
            {
                return 0;
            }

            return PieceBytes + (_pieceCount == _pieces.Length ? MorePieces * 8L : 0);
        }
    }

    private int MorePieces => Math.Max(4, _pieces.Length / 2);

    private int PieceBytes => (RowsPerPiece * words * 8) + ArrayOverhead;

    /// <summary>Takes a row, all zero.</summary>
    public int Take()
    {
        if (_free >= 0)
        {
            var row = _free;
            var bits = Row(row);
            // A free row holds the number of the next free one.
            _free = (int)bits[0] - 1;
            bits.Clear();
            return row;
        }

        if (_used == _pieceCount * RowsPerPiece)
        {
            if (_pieceCount == _pieces.Length)
            {
                Array.Resize(ref _pieces, _pieces.Length + MorePieces);
            }

            _pieces[_pieceCount++] = new ulong[RowsPerPiece * words];
        }

        return _used++;
    }

    /// <summary>Gives a row back.</summary>
    public void Return(int row)
    {
        var bits = Row(row);
        bits.Clear();
        bits[0] = (ulong)(_free + 1);
        _free = row;
    }

    /// <summary>A row of the writer.</summary>
    public Span<ulong> Row(int row) => _pieces[row / RowsPerPiece].AsSpan(row % RowsPerPiece * words, words);

    /// <summary>A row as a reader finds it; empty when a writer is changing things just now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<ulong> Read(int row)
    {
        var pieces = _pieces;
        var number = (uint)row / RowsPerPiece;
        if (number >= (uint)pieces.Length || pieces[number] is not { } piece)
        {
            return default;
        }

        // All pieces have the same size, so the row lies within whatever its number is. A bounds check would fetch the array's length first, which is
        // often as far away as the row itself.
        var place = (int)((uint)row % RowsPerPiece) * words;
        return MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(piece), place), words);
    }

    /// <summary>Has memory bring a row that will be read soon.</summary>
    public void Prefetch(int row)
    {
        var bits = Read(row);
        for (var word = 0; word < bits.Length; word += CacheLine.Words)
        {
            CacheLine.Prefetch(in bits[word]);
        }
    }
}
