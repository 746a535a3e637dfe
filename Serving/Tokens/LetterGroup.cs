namespace LlmdAspire.Serving.Tokens;

/// <summary>
/// A block of token ids for every string of a fixed length whose byte at each position comes from that position's alphabet. The id is the
/// string read as a number, one digit per position, so that no table of strings is needed.
/// </summary>
internal sealed class LetterGroup
{
    private readonly byte[][] _alphabets;
    private readonly short[][] _digits;

    /// <param name="first">Id of the first string.</param>
    /// <param name="alphabets">ASCII bytes allowed at each position.</param>
    public LetterGroup(int first, params string[] alphabets)
    {
        First = first;
        Count = 1;
        _alphabets = new byte[alphabets.Length][];
        _digits = new short[alphabets.Length][];
        for (var position = 0; position < alphabets.Length; position++)
        {
            var alphabet = alphabets[position];
            Count *= alphabet.Length;
            _alphabets[position] = [.. alphabet.Select(letter => (byte)letter)];
            _digits[position] = new short[256];
            Array.Fill(_digits[position], (short)-1);
            for (short digit = 0; digit < alphabet.Length; digit++)
            {
                _digits[position][alphabet[digit]] = digit;
            }
        }
    }

    public int First { get; }

    public int Count { get; }

    public int End => First + Count;

    public int Length => _alphabets.Length;

    /// <summary>The id of the string that <paramref name="text"/> begins with, or -1 when it is not in this block.</summary>
    public int Find(ReadOnlySpan<byte> text)
    {
        if (text.Length < _digits.Length)
        {
            return -1;
        }

        var number = 0;
        for (var position = 0; position < _digits.Length; position++)
        {
            var digit = _digits[position][text[position]];
            if (digit < 0)
            {
                return -1;
            }

            number = number * _alphabets[position].Length + digit;
        }

        return First + number;
    }

    public int Write(int token, Span<byte> destination)
    {
        var number = token - First;
        for (var position = _alphabets.Length - 1; position >= 0; position--)
        {
            var alphabet = _alphabets[position];
            destination[position] = alphabet[number % alphabet.Length];
            number /= alphabet.Length;
        }

        return _alphabets.Length;
    }
}
