namespace LlmdAspire.Protocols.MessagePack.KvEvents;

/// <summary>The events vLLM publishes about its KV cache.</summary>
public enum KvEventKind
{
    /// <summary>Blocks entered the cache, or a further tier of it.</summary>
    BlockStored,

    /// <summary>Blocks left the cache, or one tier of it.</summary>
    BlockRemoved,

    /// <summary>The publisher's whole cache was reset.</summary>
    AllBlocksCleared,
}

/// <summary>One event. Spans point into the payload or the reader's buffers and are good until the next event is read.</summary>
/// <remarks>Fields an engine's version does not send are empty or null. Texts are UTF-8 as sent; compare <see cref="Medium"/> without regard to case.</remarks>
public ref struct KvEvent
{
    /// <summary>Which event it is; decides which fields mean anything.</summary>
    public KvEventKind Kind { get; set; }

    /// <summary>Stored and removed: the engine's hashes in chain order, low 64 bits.</summary>
    public ReadOnlySpan<ulong> BlockHashes { get; set; }

    /// <summary>Stored: hash of the block before the first one; null when the first is the prompt's first.</summary>
    public ulong? ParentBlockHash { get; set; }

    /// <summary>Stored: the tokens of all blocks, one after the other. Empty for offload tiers that announce hashes only.</summary>
    public ReadOnlySpan<int> TokenIds { get; set; }

    /// <summary>Stored: tokens per block; 0 where <see cref="TokenIds"/> is empty.</summary>
    public int BlockSize { get; set; }

    /// <summary>Stored: the engine's number of the LoRA adapter, deprecated; the name is what counts.</summary>
    public long? LoraId { get; set; }

    /// <summary>Stored and removed: the tier, for example <c>GPU</c>, <c>CPU</c>, <c>STORAGE</c>; empty before vLLM 0.10.2, meaning GPU.</summary>
    public ReadOnlySpan<byte> Medium { get; set; }

    /// <summary>Stored: the LoRA adapter's name; empty for none.</summary>
    public ReadOnlySpan<byte> LoraName { get; set; }

    /// <summary>Stored: what entered the hashes besides the tokens, per block.</summary>
    public KvExtraKeys ExtraKeys { get; set; }

    /// <summary>Stored and removed: the KV-cache group of a hybrid model.</summary>
    public int? GroupIndex { get; set; }

    /// <summary>Stored: for example <c>full_attention</c> or <c>sliding_window</c>; empty before vLLM 0.22.</summary>
    public ReadOnlySpan<byte> SpecKind { get; set; }

    /// <summary>Stored: the window in tokens, for sliding-window groups.</summary>
    public long? SlidingWindow { get; set; }

    /// <summary>Stored and removed: <c>LOCAL</c> or <c>REMOTE</c>, where a storage tier says so.</summary>
    public ReadOnlySpan<byte> Locality { get; set; }
}
