using System.Buffers;
using System.Text;

namespace LlmdAspire.Serving.Tokens.Bpe;

/// <summary>Finds added tokens such as <c>&lt;|eot_id|&gt;</c> in text: the leftmost, and of several there the longest. Immutable.</summary>
internal sealed class AddedTokens
{
    private readonly SearchValues<byte> _firstBytes;

    // By the first two bytes, the longest first, so that a blank before a word of code costs one look-up.
    private readonly Dictionary<int, List<(byte[] Text, int Id)>> _byStart = [];

    public AddedTokens(IEnumerable<(string Text, int Id)> tokens)
    {
        var all = tokens.Select(token => (Text: Encoding.UTF8.GetBytes(token.Text), token.Id)).OrderByDescending(token => token.Text.Length).ToList();
        _firstBytes = SearchValues.Create(all.Select(token => token.Text[0]).Distinct().ToArray());
        foreach (var token in all)
        {
            var start = Start(token.Text);
            if (!_byStart.TryGetValue(start, out var same))
            {
                _byStart[start] = same = [];
            }

            same.Add(token);
        }
    }

    public bool IsEmpty => _byStart.Count == 0;

    /// <summary>Where the first token stands in <paramref name="text"/>, or -1.</summary>
    public int Find(ReadOnlySpan<byte> text, out int id, out int length)
    {
        (id, length) = (-1, 0);
        for (var at = 0; at < text.Length; at++)
        {
            var next = text[at..].IndexOfAny(_firstBytes);
            if (next < 0)
            {
                return -1;
            }

            at += next;
            if (Match(text[at..], out id, out length))
            {
                return at;
            }
        }

        return -1;
    }

    private bool Match(ReadOnlySpan<byte> text, out int id, out int length)
    {
        (id, length) = (-1, 0);
        // One of a single byte stands under that byte alone and is shorter than all others.
        var found = (text.Length > 1 && Longest(Start(text), text, out id, out length)) || Longest(Start(text[..1]), text, out id, out length);
        return found;
    }

    private bool Longest(int start, ReadOnlySpan<byte> text, out int id, out int length)
    {
        if (_byStart.TryGetValue(start, out var tokens))
        {
            foreach (var token in tokens)
            {
                if (text.StartsWith(token.Text))
                {
                    (id, length) = (token.Id, token.Text.Length);
                    return true;
                }
            }
        }

        (id, length) = (-1, 0);
        return false;
    }

    private static int Start(ReadOnlySpan<byte> text) => text.Length > 1 ? (text[0] << 8) | text[1] : -1 - text[0];
}
