using LlmdAspire.Serving.Blocks.EngineHashes;

namespace LlmdAspire.EngineModel.Blocks;

/// <summary>One block of the KV cache.</summary>
internal sealed class KvBlock
{
    public KvBlock(int id)
    {
        Id = id;
        FreePlace = new LinkedListNode<KvBlock>(this);
    }

    public int Id { get; }

    /// <summary>Sequences and leases that use it.</summary>
    public int References { get; set; }

    /// <summary>The content it can be found under; null for one that is not, or not any more, in the prefix cache.</summary>
    public BlockDigest? Digest { get; set; }

    /// <summary>Its place among the blocks nobody uses; in no list while somebody does.</summary>
    public LinkedListNode<KvBlock> FreePlace { get; }
}
