namespace LlmdAspire.Serving.Blocks;

/// <summary>Where a multimodal item's placeholder tokens stand in a prompt, and the item's hash.</summary>
/// <param name="Offset">First placeholder token.</param>
/// <param name="Length">Number of placeholder tokens.</param>
/// <param name="Hash">The item's hash, UTF-8 text.</param>
public readonly record struct PlaceholderRange(int Offset, int Length, ReadOnlyMemory<byte> Hash)
{
    /// <summary>True when some of the item's tokens lie in the block, which makes the block differ from one with another item.</summary>
    public bool Overlaps(int blockStart, int blockSize) => Offset < blockStart + blockSize && blockStart < (long)Offset + Length;
}
