using LlmdAspire.Serving.Blocks.EngineHashes;

namespace LlmdAspire.EngineModel.Blocks;

/// <summary>One block of the KV cache.</summary>
internal sealed class KvBlock(int id)
{
    public int Id { get; } = id;

    /// <summary>Sequences and leases that use it.</summary>
    public int References { get; set; }

    /// <summary>The content it can be found under; null for one that is not, or not any more, in the prefix cache.</summary>
    public BlockDigest? Digest { get; set; }

    /// <summary>Its place among the blocks nobody uses.</summary>
    public LinkedListNode<KvBlock>? FreePlace { get; set; }
}
