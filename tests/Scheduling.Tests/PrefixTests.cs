using System.Buffers.Binary;
using System.Runtime.InteropServices;
using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Prefix;
using LlmdAspire.Serving.Blocks;

namespace LlmdAspire.Scheduling.Tests;

public sealed class PrefixTests
{
    [Fact]
    public void TokenIds_AreHashedByTheFormula_ShortLastBlockIncluded()
    {
        var hashes = PromptHashes.Of(Engines.Tokens(1, 2, 3, 4, 5), blockTokens: 2, maxBlocks: 100);

        Span<uint> tokens = [1, 2, 3, 4, 5];
        var previous = XxHash64.Hash("m"u8);
        Assert.Equal(3, hashes.Length);
        for (var i = 0; i < 3; i++)
        {
            var block = XxHash64.Hash(MemoryMarshal.AsBytes(tokens.Slice(i * 2, Math.Min(2, 5 - (i * 2)))));
            var link = new byte[16];
            BinaryPrimitives.WriteUInt64LittleEndian(link, block);
            BinaryPrimitives.WriteUInt64LittleEndian(link.AsSpan(8), previous);
            previous = XxHash64.Hash(link);
            Assert.Equal(previous, hashes[i]);
        }
    }

    [Fact]
    public void LongerPrompt_BeginsWithTheHashesOfTheShorter()
    {
        var shorter = PromptHashes.Of(Engines.Messages($$"""[{"role":"user","content":"{{new string('a', 200)}}"}]"""), 16, 100);
        var longer = PromptHashes.Of(Engines.Messages($$"""[{"role":"user","content":"{{new string('a', 200)}}"},{"role":"assistant","content":"b"}]"""), 16, 100);

        Assert.Equal(shorter[..^1], longer[..(shorter.Length - 1)]);
        Assert.True(longer.Length >= shorter.Length);
    }

    [Fact]
    public void ModelSaltAndText_AllMakeADifference()
    {
        ulong[][] hashes =
        [
            PromptHashes.Of(Engines.Prompt("abc"), 16, 9), PromptHashes.Of(Engines.Prompt("abd"), 16, 9),
            PromptHashes.Of(Engines.Prompt("abc", model: "n"), 16, 9), PromptHashes.Of(Engines.Prompt("abc", salt: "s"), 16, 9),
        ];

        Assert.Equal(4, hashes.Select(hash => Assert.Single(hash)).Distinct().Count());
    }

    [Fact]
    public void Prompts_AreHashedUpToTheLimit()
    {
        Assert.Equal(3, PromptHashes.Of(Engines.Prompt(new string('x', 1000)), 16, 3).Length);
        Assert.Empty(PromptHashes.Of(new Requests.InferenceRequest { RequestId = "r" }, 16, 3));
    }

    [Fact]
    public void Index_CountsLeadingBlocksOnly()
    {
        var engines = Engines.Count(3);
        var index = new ApproximatePrefixIndex();
        index.Record(engines[0], [1, 2, 3], capacity: 10);
        index.Record(engines[1], [1, 9, 3], capacity: 10);

        Assert.Equal([3, 1, 0], index.Match([1, 2, 3, 4], engines));
    }

    [Fact]
    public void Index_HoldsManyEndpoints()
    {
        var engines = Engines.Count(200);
        var index = new ApproximatePrefixIndex();
        index.Record(engines[70], [1, 2], capacity: 10);
        index.Record(engines[199], [1], capacity: 10);

        var matched = index.Match([1, 2], engines);

        Assert.Equal((2, 1, 3), (matched[70], matched[199], matched.Sum()));
    }

    [Fact]
    public void Index_ForgetsTheBlockLongestUnused()
    {
        var engines = Engines.Count(1);
        var index = new ApproximatePrefixIndex();
        index.Record(engines[0], [1, 2], capacity: 2);
        index.Record(engines[0], [1], capacity: 2);
        index.Record(engines[0], [3], capacity: 2);

        Assert.Equal([1], index.Match([1, 2], engines));
        Assert.Equal(2, index.BlockCount);
    }

    [Fact]
    public void Index_ForgetsAnEndpointWhoseSlotIsTakenByAnother()
    {
        var index = new ApproximatePrefixIndex();
        index.Record(Engines.One(0), [1, 2], capacity: 10);
        EngineEndpoint[] next = [Engines.One(0)];

        Assert.Equal([0], index.Match([1, 2], next));

        index.Record(next[0], [7], capacity: 10);

        Assert.Equal(1, index.BlockCount);
    }

    [Fact]
    public void Index_AgreesWithAPlainModel_OverManySeededSteps()
    {
        const int Capacity = 20;
        var random = new Random(11);
        var engines = Engines.Count(70);
        var index = new ApproximatePrefixIndex();
        var model = engines.Select(_ => new List<ulong>()).ToArray();
        for (var step = 0; step < 3000; step++)
        {
            var chain = Enumerable.Range(0, random.Next(1, 6)).Select(i => (ulong)((random.Next(8) * 10) + i)).ToArray();
            var slot = random.Next(engines.Length);
            index.Record(engines[slot], chain, Capacity);
            foreach (var block in chain)
            {
                _ = model[slot].Remove(block);
                model[slot].Add(block);
                if (model[slot].Count > Capacity)
                {
                    model[slot].RemoveAt(0);
                }
            }

            var expected = model.Select(held => chain.TakeWhile(held.Contains).Count());
            Assert.Equal(expected, index.Match(chain, engines));
        }
    }

    [Fact]
    public void AutoTune_TakesBlockSizeFromTheEngines_ButNotBelow64()
    {
        var producer = new ApproximatePrefixProducer("p", new ApproximatePrefixOptions());

        Assert.Equal(16, producer.Find(Engines.Context(Engines.Count(1))).BlockSize);
        Assert.Equal(64, producer.Find(Engines.Context(Engines.Of(new EngineLoad { BlockSize = 16, BlockCount = 100 }))).BlockSize);
        Assert.Equal(128, producer.Find(Engines.Context(Engines.Of(new EngineLoad { BlockSize = 128, BlockCount = 100 }))).BlockSize);
    }
}
