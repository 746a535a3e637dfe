namespace LlmdAspire.KvIndexer.Index;

/// <summary>Where a reader found a block.</summary>
/// <param name="Version">The shard's version before it looked.</param>
/// <param name="Row">A row of the GPU tier, or one of the constants.</param>
internal readonly record struct BlockPlace(int Version, int Row)
{
    /// <summary>No tier holds it.</summary>
    public const int Nowhere = -1;

    /// <summary>A slower tier holds it, or it is expected somewhere: the tiers have to be put together.</summary>
    public const int SeveralTiers = -2;
}
