namespace LlmdAspire.Serving.Tokens.Bpe;

/// <summary>A byte-level BPE as <see cref="TokenizerJson"/> reads it. Immutable but for its cache of words; thread-safe.</summary>
/// <remarks>
/// Steps of encoding: (1) added tokens are found and taken as they are; (2) the text between them is normalised where the file says so; (3) it is cut into
/// words, which tokens never span; (4) a word that the vocabulary has is taken whole where the file says so; (5) the others are merged, or found in the cache.
/// </remarks>
internal sealed class BytePairTokenizer : ITokenizer
{
    private const int MaxWordOnStack = 256;

    private readonly Vocabulary _vocabulary;
    private readonly WordMerger _merger;
    private readonly WordCache _cache = new();
    private readonly bool _takesWholeWords;
    private readonly bool _normalizes;
    private readonly ISplitter[] _splitters;
    private readonly AddedTokens _added;
    private readonly AddedTokens _addedAfterNormalizing;
    private readonly Dictionary<string, int> _addedIds;
    private readonly HashSet<int> _special;
    private readonly int[] _before;
    private readonly int[] _after;

    public BytePairTokenizer(BytePairParts parts)
    {
        _vocabulary = parts.Vocabulary;
        _merger = new WordMerger(parts.Merges, parts.ByteTokens);
        _takesWholeWords = parts.TakesWholeWords;
        _normalizes = parts.Normalizes;
        _splitters = [.. parts.Splitters];
        _added = new AddedTokens(parts.Added.Where(token => !token.IsNormalized).Select(token => (token.Text, token.Id)));
        _addedAfterNormalizing = new AddedTokens(parts.Added.Where(token => token.IsNormalized).Select(token => (token.Text, token.Id)));
        _addedIds = parts.Added.ToDictionary(token => token.Text, token => token.Id);
        _special = [.. parts.Added.Where(token => token.IsSpecial).Select(token => token.Id)];
        _before = [.. parts.Before];
        _after = [.. parts.After];
    }

    public int VocabularySize => _vocabulary.Size;

    public int MaxTokenBytes => Math.Max(1, _vocabulary.LongestToken);

    public ReadOnlySpan<int> Before => _before;

    public ReadOnlySpan<int> After => _after;

    public int? FindSpecial(string name) => _addedIds.TryGetValue(name, out var id) ? id : null;

    public bool IsText(int token) => !_special.Contains(token) && !_vocabulary.BytesOf(token).IsEmpty;

    public void Encode(ReadOnlySpan<byte> utf8, List<int> tokens)
    {
        tokens.EnsureCapacity(tokens.Count + (utf8.Length / 4) + 4);
        while (!utf8.IsEmpty)
        {
            var at = _added.Find(utf8, out var id, out var length);
            EncodeText(at < 0 ? utf8 : utf8[..at], tokens);
            if (at < 0)
            {
                return;
            }

            tokens.Add(id);
            utf8 = utf8[(at + length)..];
        }
    }

    public int Decode(int token, Span<byte> destination)
    {
        if ((uint)token >= (uint)_vocabulary.Size)
        {
            throw new ArgumentOutOfRangeException(nameof(token), token, $"Token ids run from 0 to {_vocabulary.Size - 1}.");
        }

        var bytes = _vocabulary.BytesOf(token);
        bytes.CopyTo(destination);
        return bytes.Length;
    }

    private void EncodeText(ReadOnlySpan<byte> text, List<int> tokens)
    {
        if (_normalizes && CanonicalComposition.TryNormalize(text, out var normalized))
        {
            text = normalized;
        }

        while (!_addedAfterNormalizing.IsEmpty && _addedAfterNormalizing.Find(text, out var id, out var length) is >= 0 and var at)
        {
            EncodePlain(text[..at], tokens);
            tokens.Add(id);
            text = text[(at + length)..];
        }

        EncodePlain(text, tokens);
    }

    private void EncodePlain(ReadOnlySpan<byte> text, List<int> tokens)
    {
        if (text.IsEmpty)
        {
            return;
        }

        using var scalars = new ScalarText(text);
        Split(0, text, scalars, 0, scalars.Characters.Length, tokens);
    }

    // Each splitter cuts the pieces of the one before it.
    private void Split(int level, ReadOnlySpan<byte> text, in ScalarText scalars, int from, int to, List<int> tokens)
    {
        if (level == _splitters.Length)
        {
            EncodeWord(text[scalars.OffsetOf(from)..scalars.OffsetOf(to)], tokens);
            return;
        }

        while (from < to)
        {
            var length = _splitters[level].Next(scalars.Characters[from..to]);
            Split(level + 1, text, scalars, from, from + length, tokens);
            from += length;
        }
    }

    private void EncodeWord(ReadOnlySpan<byte> word, List<int> tokens)
    {
        if (_takesWholeWords && _vocabulary.Find(word) is >= 0 and var whole)
        {
            tokens.Add(whole);
            return;
        }

        if (word.Length > WordCache.MaxWordBytes)
        {
            Merge(word, tokens);
            return;
        }

        var hash = Blocks.XxHash64.Hash(word);
        if (_cache.Find(word, hash) is { } known)
        {
            tokens.AddRange(known);
            return;
        }

        var first = tokens.Count;
        Merge(word, tokens);
        _cache.Put(word, hash, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tokens)[first..]);
    }

    private void Merge(ReadOnlySpan<byte> word, List<int> tokens)
    {
        var merged = word.Length <= MaxWordOnStack ? stackalloc int[word.Length] : new int[word.Length];
        tokens.AddRange(merged[.._merger.Merge(word, merged)]);
    }
}
