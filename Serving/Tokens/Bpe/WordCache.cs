namespace LlmdAspire.Serving.Tokens.Bpe;

/// <summary>Tokens of words met lately. Bounded: a word has one place, and the next one for that place takes it. Thread-safe without locks.</summary>
internal sealed class WordCache
{
    /// <summary>Longer words seldom come again.</summary>
    public const int MaxWordBytes = 48;

    private const int Places = 1 << 15;

    private readonly Entry?[] _entries = new Entry?[Places];

    /// <summary>The tokens of a word, or null.</summary>
    public int[]? Find(ReadOnlySpan<byte> word, ulong hash) =>
        Volatile.Read(ref _entries[hash % Places]) is { } entry && entry.Hash == hash && word.SequenceEqual(entry.Word) ? entry.Tokens : null;

    public void Put(ReadOnlySpan<byte> word, ulong hash, ReadOnlySpan<int> tokens) =>
        Volatile.Write(ref _entries[hash % Places], new Entry(hash, word.ToArray(), tokens.ToArray()));

    private sealed record Entry(ulong Hash, byte[] Word, int[] Tokens);
}
