namespace LlmdAspire.EngineModel;

/// <summary>What an engine is busy with at one moment.</summary>
/// <param name="Running">Sequences that hold a place in the batch.</param>
/// <param name="Waiting">Sequences that wait for one, those whose content is being copied from another engine included, as in vLLM.</param>
/// <param name="UsedBlocks">KV-cache blocks that hold tokens of running sequences.</param>
/// <param name="Blocks">KV-cache blocks in all.</param>
public readonly record struct EngineLoad(int Running, int Waiting, int UsedBlocks, int Blocks)
{
    /// <summary>Share of the KV cache in use, from 0 to 1.</summary>
    public double CacheUsage => Blocks == 0 ? 0 : (double)UsedBlocks / Blocks;
}
