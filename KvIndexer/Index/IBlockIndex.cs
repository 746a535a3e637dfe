namespace LlmdAspire.KvIndexer.Index;

/// <summary>Which endpoint holds which block, by the block keys of this stack.</summary>
/// <remarks>
/// <para>Endpoints are small numbers from 0; the caller gives them out and names them. Keys are those of <c>Serving/Blocks</c>: a key stands for its
/// whole prefix.</para>
/// <para>Any thread may look up at any time and never waits for a writer. Writing methods may come from any thread too; they take turns. A block
/// stored twice is held once. No member does I/O.</para>
/// </remarks>
internal interface IBlockIndex
{
    /// <summary>Notes that an endpoint holds a block in a tier. False when there is no memory left for it; then nothing has changed.</summary>
    bool TryStore(int endpoint, Tier tier, ulong key);

    /// <summary>Has memory bring what <see cref="TryStore"/> of this block will look at. Changes nothing and waits for nothing.</summary>
    void Prefetch(Tier tier, ulong key);

    /// <summary>Notes that an endpoint does not hold a block in a tier any longer; of unknown ones, nothing.</summary>
    void Remove(int endpoint, Tier tier, ulong key);

    /// <summary>Whether an endpoint holds a block in a tier.</summary>
    bool Holds(int endpoint, Tier tier, ulong key);

    /// <summary>Whether the block was asked for since the last time somebody asked this; a block that nobody asks for is the first to go.</summary>
    bool TakeReference(Tier tier, ulong key);

    /// <summary>Finds for each endpoint how many blocks it holds without a hole from the first on.</summary>
    /// <param name="keys">The chain of a prompt, in order.</param>
    /// <param name="matches">Cleared, then filled.</param>
    void Lookup(ReadOnlySpan<ulong> keys, PrefixMatches matches);

    /// <summary>Forgets what an endpoint holds, in all tiers.</summary>
    void Clear(int endpoint);

    /// <summary>Gives back memory that the blocks there are do not need.</summary>
    void Compact();

    /// <summary>Different blocks held by anybody; one held in two tiers counts once, one that is only expected not at all.</summary>
    long Blocks { get; }

    /// <summary>Bytes that keys and endpoint bits take.</summary>
    long Bytes { get; }
}
