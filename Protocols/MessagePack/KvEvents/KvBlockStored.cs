namespace LlmdAspire.Protocols.MessagePack.KvEvents;

/// <summary>A stored event to be written. What is null or empty is written as vLLM writes it when it has none.</summary>
public readonly ref struct KvBlockStored
{
    /// <summary>Hashes of full blocks in chain order.</summary>
    public required ReadOnlySpan<ulong> BlockHashes { get; init; }

    /// <summary>Hash of the block before the first one; null when the first is the prompt's first.</summary>
    public ulong? ParentBlockHash { get; init; }

    /// <summary>The hashes once more as whole digests, one after the other, where those are to be written instead of numbers; empty for numbers.</summary>
    public ReadOnlySpan<byte> Digests { get; init; }

    /// <summary>The parent's whole digest, where <see cref="Digests"/> are written; empty when the first block is the prompt's first.</summary>
    public ReadOnlySpan<byte> ParentDigest { get; init; }

    /// <summary>The tokens of all blocks: as many as hashes times <see cref="BlockSize"/>, or none for a tier that announces hashes only.</summary>
    public ReadOnlySpan<int> TokenIds { get; init; }

    /// <summary>Tokens per block.</summary>
    public int BlockSize { get; init; }

    /// <summary>The adapter's number, deprecated by vLLM.</summary>
    public long? LoraId { get; init; }

    /// <summary>The tier.</summary>
    public string? Medium { get; init; }

    /// <summary>The adapter's name.</summary>
    public string? LoraName { get; init; }

    /// <summary>One entry per block, null for a block without; empty when no block has any.</summary>
    public ReadOnlySpan<ExtraKey[]?> ExtraKeys { get; init; }

    /// <summary>KV-cache group.</summary>
    public int? GroupIndex { get; init; }

    /// <summary>For example <c>full_attention</c>.</summary>
    public string? SpecKind { get; init; }

    /// <summary>Window in tokens of sliding-window groups.</summary>
    public int? SlidingWindow { get; init; }
}
