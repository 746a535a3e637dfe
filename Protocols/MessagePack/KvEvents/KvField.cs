namespace LlmdAspire.Protocols.MessagePack.KvEvents;

/// <summary>The fields of events: their names in the map form, their positions in the array form.</summary>
internal enum KvField
{
    Unknown,
    Type,
    BlockHashes,
    ParentBlockHash,
    TokenIds,
    BlockSize,
    LoraId,
    Medium,
    LoraName,
    ExtraKeys,
    GroupIndex,
    SpecKind,
    SlidingWindow,
    Locality,
}

internal static class KvFields
{
    public static ReadOnlySpan<byte> BlockStored => "BlockStored"u8;
    public static ReadOnlySpan<byte> BlockRemoved => "BlockRemoved"u8;
    public static ReadOnlySpan<byte> AllBlocksCleared => "AllBlocksCleared"u8;

    /// <summary>What follows the tag of a stored event, vLLM 0.9.0 to 0.23. Earlier versions stop earlier: 5, 6, 7, 8, 9, then 11 fields.</summary>
    public static ReadOnlySpan<KvField> Stored =>
    [
        KvField.BlockHashes, KvField.ParentBlockHash, KvField.TokenIds, KvField.BlockSize, KvField.LoraId, KvField.Medium,
        KvField.LoraName, KvField.ExtraKeys, KvField.GroupIndex, KvField.SpecKind, KvField.SlidingWindow,
    ];

    /// <summary>What follows the tag of a removed event, vLLM 0.9.0 to 0.23.</summary>
    public static ReadOnlySpan<KvField> Removed => [KvField.BlockHashes, KvField.Medium, KvField.GroupIndex];

    public static bool TryParseTag(ReadOnlySpan<byte> tag, out KvEventKind kind)
    {
        kind = tag.SequenceEqual(BlockRemoved) ? KvEventKind.BlockRemoved
            : tag.SequenceEqual(AllBlocksCleared) ? KvEventKind.AllBlocksCleared
            : KvEventKind.BlockStored;
        return kind != KvEventKind.BlockStored || tag.SequenceEqual(BlockStored);
    }

    public static ReadOnlySpan<byte> Name(KvField field) => field switch
    {
        KvField.Type => "type"u8,
        KvField.BlockHashes => "block_hashes"u8,
        KvField.ParentBlockHash => "parent_block_hash"u8,
        KvField.TokenIds => "token_ids"u8,
        KvField.BlockSize => "block_size"u8,
        KvField.LoraId => "lora_id"u8,
        KvField.Medium => "medium"u8,
        KvField.LoraName => "lora_name"u8,
        KvField.ExtraKeys => "extra_keys"u8,
        KvField.GroupIndex => "group_idx"u8,
        KvField.SpecKind => "kv_cache_spec_kind"u8,
        KvField.SlidingWindow => "kv_cache_spec_sliding_window"u8,
        KvField.Locality => "locality"u8,
        _ => [],
    };

    /// <summary>The length finds the one name it can be, so that each key costs one comparison or two.</summary>
    public static KvField Parse(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 when name.SequenceEqual(Name(KvField.Type)) => KvField.Type,
        6 when name.SequenceEqual(Name(KvField.Medium)) => KvField.Medium,
        7 when name.SequenceEqual(Name(KvField.LoraId)) => KvField.LoraId,
        8 when name.SequenceEqual(Name(KvField.Locality)) => KvField.Locality,
        9 when name.SequenceEqual(Name(KvField.TokenIds)) => KvField.TokenIds,
        9 when name.SequenceEqual(Name(KvField.LoraName)) => KvField.LoraName,
        9 when name.SequenceEqual(Name(KvField.GroupIndex)) => KvField.GroupIndex,
        10 when name.SequenceEqual(Name(KvField.BlockSize)) => KvField.BlockSize,
        10 when name.SequenceEqual(Name(KvField.ExtraKeys)) => KvField.ExtraKeys,
        12 when name.SequenceEqual(Name(KvField.BlockHashes)) => KvField.BlockHashes,
        17 when name.SequenceEqual(Name(KvField.ParentBlockHash)) => KvField.ParentBlockHash,
        18 when name.SequenceEqual(Name(KvField.SpecKind)) => KvField.SpecKind,
        28 when name.SequenceEqual(Name(KvField.SlidingWindow)) => KvField.SlidingWindow,
        _ => KvField.Unknown,
    };
}
