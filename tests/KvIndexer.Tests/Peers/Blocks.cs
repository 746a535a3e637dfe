using LlmdAspire.Protocols.MessagePack.KvEvents;

namespace LlmdAspire.KvIndexer.Tests.Peers;

/// <summary>Blocks of 16 tokens for tests: prompt <c>n</c> has tokens of its own, and its block <c>i</c> the hash <c>n * 1000 + i + 1</c>.</summary>
internal static class Blocks
{
    public const int Size = 16;

    public static int[] Tokens(int prompt, int blocks, int from = 0, int size = Size) =>
        [.. Enumerable.Range(from * size, blocks * size).Select(i => (prompt * 10_000) + i)];

    public static ulong Hash(int prompt, int block) => (ulong)((prompt * 1000) + block + 1);

    /// <summary>Stores blocks <paramref name="from"/> to <paramref name="to"/>, exclusive.</summary>
    public static void Store(
        this KvEventBatchWriter writer, int prompt, int from, int to, string? medium = "GPU", string? lora = null, int size = Size, int? group = null, string? kind = null, ExtraKey[]?[]? extras = null) =>
        writer.BlockStored(new KvBlockStored
        {
            BlockHashes = [.. Enumerable.Range(from, to - from).Select(block => Hash(prompt, block))],
            ParentBlockHash = from == 0 ? null : Hash(prompt, from - 1),
            TokenIds = Tokens(prompt, to - from, from, size),
            BlockSize = size,
            Medium = medium,
            LoraName = lora,
            GroupIndex = group,
            SpecKind = kind,
            ExtraKeys = extras ?? [],
        });

    public static void Remove(this KvEventBatchWriter writer, int prompt, int block, string? medium = "GPU", int? group = null) =>
        writer.BlockRemoved([Hash(prompt, block)], medium, group);
}
