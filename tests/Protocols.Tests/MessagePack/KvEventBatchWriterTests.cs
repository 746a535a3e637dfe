using LlmdAspire.Protocols.MessagePack.KvEvents;

namespace LlmdAspire.Protocols.Tests.MessagePack;

/// <summary>The writer makes, byte for byte, what the Python encoder makes of the same batch.</summary>
public sealed class KvEventBatchWriterTests
{
    private static readonly Dictionary<string, byte[]> s_vectors = HexVectors.Load("MessagePack", "Vectors", "kv-events.txt");
    private static readonly ulong[] s_hashes = [0x1f3a, 0xfedcba9876543210];
    private static readonly int[] s_tokens = [1, 127, 128, 255, 256, 65535, 65536, 128255];

    [Theory]
    [InlineData(6, "array-0.9.1")]
    [InlineData(7, "array-0.10.2")]
    [InlineData(8, "array-0.14")]
    [InlineData(9, "array-0.17")]
    [InlineData(10, "array-0.20")]
    [InlineData(12, "array-0.22")]
    public void ArrayForm_HasAsManyElementsAsItsVersion(int elements, string vector) =>
        Assert.Equal(s_vectors[vector], Write(new KvEventBatchWriter(KvEventForm.Array, elements)));

    [Fact]
    public void MapForm_LeavesOutWhatIsNull() => Assert.Equal(s_vectors["map-0.24"], Write(new KvEventBatchWriter(KvEventForm.Map)));

    [Fact]
    public void Writer_ServesOneBatchAfterTheOther()
    {
        var writer = new KvEventBatchWriter(KvEventForm.Map);
        _ = Write(writer);

        Assert.Equal(s_vectors["map-0.24"], Write(writer));
    }

    [Theory]
    [InlineData(KvEventForm.Array, "cleared-array", null)]
    [InlineData(KvEventForm.Map, "cleared-map", 0)]
    public void Cleared_IsItsTagAlone(KvEventForm form, string vector, int? rank)
    {
        var writer = new KvEventBatchWriter(form);
        writer.AllBlocksCleared();

        Assert.Equal(s_vectors[vector], writer.Complete(1.5, rank).ToArray());
    }

    [Fact]
    public void OffloadPlaceholder_HasHashesOnly()
    {
        var writer = new KvEventBatchWriter(KvEventForm.Map);
        writer.BlockStored(new KvBlockStored { BlockHashes = s_hashes, Medium = "CPU" });

        Assert.Equal(s_vectors["offload-placeholder"], writer.Complete(1.5, 0).ToArray());
    }

    [Fact]
    public void LongPrompt_ComesBackAsItWas()
    {
        var random = new Random(1);
        int[] tokens = [.. Enumerable.Range(0, 100_000).Select(_ => random.Next(200_000))];
        ulong[] hashes = [.. Enumerable.Range(0, 6250).Select(_ => (ulong)random.NextInt64())];
        var writer = new KvEventBatchWriter(KvEventForm.Map);
        writer.BlockStored(new KvBlockStored
        {
            BlockHashes = hashes,
            TokenIds = tokens,
            BlockSize = 16,
            LoraName = new string('n', 70_000),
            ExtraKeys = [[ExtraKey.TextAtOffset("item", -70_000), ExtraKey.Raw(new byte[300]), ExtraKey.Id(5)], null],
        });

        var batch = new KvEventBatchReader(writer.Complete(1, null), new KvEventBuffers());

        Assert.True(batch.TryReadHeader() && batch.TryRead());
        Assert.Equal(hashes, batch.Current.BlockHashes.ToArray());
        Assert.Equal(tokens, batch.Current.TokenIds.ToArray());
        Assert.Equal(70_000, batch.Current.LoraName.Length);
        Assert.False(batch.TryRead());
        Assert.Equal(0, batch.MalformedEvents);
    }

    private static byte[] Write(KvEventBatchWriter writer)
    {
        writer.BlockStored(new KvBlockStored
        {
            BlockHashes = s_hashes,
            ParentBlockHash = 77,
            TokenIds = s_tokens,
            BlockSize = 4,
            Medium = "GPU",
            ExtraKeys = [null, [ExtraKey.Text("salt")]],
            GroupIndex = 0,
            SpecKind = "full_attention",
        });
        writer.BlockRemoved(s_hashes, "GPU", 0);
        return writer.Complete(1.5, 3).ToArray();
    }
}
