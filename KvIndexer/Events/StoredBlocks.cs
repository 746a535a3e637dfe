namespace LlmdAspire.KvIndexer.Events;

/// <summary>A stored event copied out of its batch, to wait for its parent.</summary>
/// <param name="Hashes">The engine's hashes.</param>
/// <param name="Parent">The hash it waits for.</param>
/// <param name="Tokens">Tokens of all blocks.</param>
/// <param name="Extras">For each block what besides tokens enters its key, or null.</param>
/// <param name="Until">When to give up.</param>
internal sealed record StoredBlocks(
    ulong[] Hashes, ulong Parent, int[] Tokens, byte[][]?[] Extras, int EngineBlockSize, Index.Tier Tier, int Group, DateTimeOffset Until)
{
    public long Bytes => 128 + (Hashes.Length * 72L) + (Tokens.Length * 4L);
}
