namespace LlmdAspire.EngineModel.Blocks;

/// <summary>The blocks that hold a sequence's tokens, in the order of the tokens.</summary>
/// <remarks>Changed by <see cref="BlockManager"/> alone.</remarks>
internal sealed class BlockTable
{
    public List<KvBlock> Blocks { get; } = [];

    /// <summary>Leading blocks whose content is settled: found in the cache, or full and offered to it.</summary>
    public int Settled { get; set; }
}
