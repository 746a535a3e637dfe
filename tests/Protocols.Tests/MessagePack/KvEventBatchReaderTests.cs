using System.Buffers;
using LlmdAspire.Protocols.MessagePack;
using LlmdAspire.Protocols.MessagePack.KvEvents;

namespace LlmdAspire.Protocols.Tests.MessagePack;

/// <summary>Batches as engines of all versions publish them (<c>Vectors/kv-events.txt</c>), whole, in pieces and broken.</summary>
public sealed class KvEventBatchReaderTests
{
    private const string Stored = "stored [1f3a fedcba9876543210] after 4d tokens [1 127 128 255 256 65535 65536 128255] size 4";
    private const string Removed = "removed [1f3a fedcba9876543210]";
    private static readonly Dictionary<string, byte[]> s_vectors = HexVectors.Load("MessagePack", "Vectors", "kv-events.txt");

    public static TheoryData<string, string[]> Batches => new()
    {
        { "array-0.9.0-no-rank", [Stored, Removed, "at 1.5 rank none"] },
        { "array-0.9.1", [Stored, Removed, "at 1.5 rank 3"] },
        { "array-0.10.2", [Stored + " in GPU", Removed + " in GPU", "at 1.5 rank 3"] },
        { "array-0.14", [Stored + " in GPU", Removed + " in GPU", "at 1.5 rank 3"] },
        { "array-0.17", [Stored + " in GPU extra |salt", Removed + " in GPU", "at 1.5 rank 3"] },
        { "array-0.20", [Stored + " in GPU group 0 extra |salt", Removed + " in GPU group 0", "at 1.5 rank 3"] },
        { "array-0.22", [Stored + " in GPU group 0 kind full_attention extra |salt", Removed + " in GPU group 0", "at 1.5 rank 3"] },
        { "map-0.24", [Stored + " in GPU group 0 kind full_attention extra |salt", Removed + " in GPU group 0", "at 1.5 rank 3"] },
        { "map-type-last-and-unknown-keys", [Stored + " in GPU REMOTE", Removed + " in GPU", "at 1.5 rank 3"] },
        { "mixed-with-unknown-events", [Stored + " in GPU group 0 kind full_attention extra |salt", Removed + " in GPU", "at 1.5 rank 3 unknown 2"] },
        { "malformed-events-between-good-ones", [Stored + " in GPU group 0 kind full_attention extra |salt", Removed + " in GPU", "at 1.5 rank 3 malformed 8"] },
        { "sglang-7-elements", [Stored + " in GPU", Removed + " in GPU", "at 1.5 rank 3"] },
        { "other-types-in-late-positions", [Stored, Removed, "at 1.5 rank 3"] },
        { "byte-hashes", ["stored [18191a1b1c1d1e1f 6c6d6e6f70717273] after 18191a1b1c1d1e1f tokens [1 127 128 255 256 65535 65536 128255] size 4 in CPU", "removed [102] in CPU", "at 1.5 rank 3"] },
        { "cleared-array", ["cleared", "at 1.5 rank none"] },
        { "cleared-map", ["cleared", "at 1.5 rank 0"] },
        { "offload-placeholder", ["stored [1f3a fedcba9876543210] after nothing tokens [] size 0 in CPU", "at 1.5 rank 0"] },
        {
            "lora-and-multimodal",
            ["stored [1f3a fedcba9876543210] after nothing tokens [1 127 128 255 256 65535 65536 128255] size 4 in GPU group 1 lora-id 2 lora adapter-Ã© kind sliding_window window 4096 extra adapter-Ã©,mm-hash@-3,salt|adapter-Ã©,Þ\u00ad", "at 1.5 rank 7"]
        },
        { "no-events", ["at 1.5 rank 0"] },
        { "integer-timestamp", ["cleared", "at 1700000000 rank 0"] },
    };

    [Theory]
    [MemberData(nameof(Batches))]
    public void Batch_IsReadAsPublished(string name, string[] expected) =>
        Assert.Equal(expected, KvEventText.Lines(s_vectors[name]));

    [Theory]
    [MemberData(nameof(Batches))]
    public void Batch_WithSeamsAnywhere_ReadsTheSame(string name, string[] expected)
    {
        var buffers = new KvEventBuffers();
        for (var segment = 1; segment <= 17; segment++)
        {
            Assert.Equal(expected, KvEventText.Lines(SeamedSequence.Of(s_vectors[name], segment), buffers));
        }
    }

    [Theory]
    [MemberData(nameof(Batches))]
    public void Rank_CanBeLookedUpBeforeTheEvents(string name, string[] expected)
    {
        var batch = new KvEventBatchReader(s_vectors[name], new KvEventBuffers());
        Assert.True(batch.TryReadHeader());

        Assert.True(batch.TryPeekRank(out var rank));

        Assert.Contains($"rank {rank?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}", expected[^1], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Batches))]
    public void BatchCutAnywhere_DeliversWholeEventsAndSaysSo(string name, string[] expected)
    {
        var whole = s_vectors[name];
        for (var length = 0; length < whole.Length; length++)
        {
            var lines = KvEventText.Lines(whole[..length]);

            var events = lines[..^1];
            Assert.True(events.Length <= expected.Length - 1 && events.SequenceEqual(expected.Take(events.Length)), $"cut at {length}");
            // Nothing is missed of a batch cut behind its last event but the rank, or what later versions put behind that.
            Assert.True(events.Length == expected.Length - 1 || lines[^1].Contains("Truncated", StringComparison.Ordinal), $"cut at {length}");
        }
    }

    [Theory]
    [InlineData("c0", "no batch: WrongType")]
    [InlineData("", "no batch: Truncated")]
    [InlineData("91c0", "no batch: WrongType")]
    [InlineData("92c090", "no batch: WrongType")]
    [InlineData("9201c0", "no batch: WrongType")]
    [InlineData("9201ddffffffff", "no batch: Truncated")]
    [InlineData("920191c1", "broken: ReservedByte")]
    [InlineData("92019193ab426c6f636b53746f726564ddffffffff", "broken: Truncated")]
    public void NoBatch_IsAnAnswerNotAnException(string hex, string expected) =>
        Assert.Equal([expected], KvEventText.Lines(Convert.FromHexString(hex)));

    [Fact]
    public void NestingWithoutEnd_IsRefused()
    {
        byte[] payload = [0x92, 0x01, 0x91, .. Enumerable.Repeat<byte>(0x91, 1_000_000), 0x01];

        Assert.Equal(["broken: TooDeep"], KvEventText.Lines(payload));
    }

    [Fact]
    public void MutatedBatches_NeverThrowLoopOrOverAllocate()
    {
        var random = new Random(20260817);
        var buffers = new KvEventBuffers();
        foreach (var vector in s_vectors.Values)
        {
            for (var round = 0; round < 3000; round++)
            {
                var mutated = (byte[])vector.Clone();
                for (var i = random.Next(1, 5); i > 0; i--)
                {
                    mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
                }

                var payload = mutated[..random.Next(mutated.Length + 1)];
                var before = GC.GetAllocatedBytesForCurrentThread();
                Drain(SeamedSequence.Of(payload, random.Next(1, 200)), buffers);

                // Segments of the test itself and a grown buffer now and then, never what a forged length claims.
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
            }
        }
    }

    [Fact]
    public void Reading_AllocatesNothing()
    {
        var buffers = new KvEventBuffers();
        var payload = new ReadOnlySequence<byte>(s_vectors["map-0.24"]);
        Drain(payload, buffers);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Drain(payload, buffers);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void Drain(ReadOnlySequence<byte> payload, KvEventBuffers buffers)
    {
        var batch = new KvEventBatchReader(payload, buffers);
        if (!batch.TryReadHeader())
        {
            Assert.NotEqual(MessagePackError.None, batch.Error);
            return;
        }

        _ = batch.TryPeekRank(out _);
        while (batch.TryRead())
        {
            var extra = batch.Current.ExtraKeys;
            while (extra.TryNextBlock())
            {
                while (extra.TryNextKey(out _, out _))
                {
                }
            }
        }
    }
}
