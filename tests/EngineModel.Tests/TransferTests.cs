using LlmdAspire.EngineModel.Text;
using LlmdAspire.EngineModel.Timing;
using LlmdAspire.EngineModel.Transfer;
using LlmdAspire.Serving.Blocks.EngineHashes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EngineModel.Tests;

/// <summary>One engine keeps what another one copies.</summary>
public sealed class TransferTests : IDisposable
{
    private static readonly Latencies s_latencies = new() { TimeToFirstToken = TimeSpan.Zero, PrefillTimePerToken = TimeSpan.FromMilliseconds(1) };

    private readonly ManualTimeProvider _time = new();
    private Engine? _engine;

    public void Dispose() => _engine?.Dispose();

    [Fact]
    public void Export_KeepsThePromptsBlocksUntilReleased()
    {
        var engine = Start(s_latencies);
        _ = engine.Submit([Request(prompt: 18) with { ExportAs = "a" }]);
        Assert.Null(engine.FindExport("a"));
        _time.Advance(TimeSpan.FromMilliseconds(18));

        var export = engine.FindExport("a")!;
        Assert.Equal((18, 5, 5), (export.Tokens, export.BlockIds.Distinct().Count(), engine.Load.UsedBlocks));
        Assert.Equal(0, engine.Load.Running);

        Assert.True(engine.ReleaseExport("a"));
        Assert.False(engine.ReleaseExport("a"));
        Assert.Equal(0, engine.Load.UsedBlocks);
    }

    [Fact]
    public void Export_NobodyFetches_Expires_UnlessExtended()
    {
        var engine = Start(s_latencies);
        _ = engine.Submit([Request(prompt: 4) with { ExportAs = "a" }, Request(prompt: 4) with { ExportAs = "b" }]);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.NotNull(engine.ExtendExport("a"));
        _time.Advance(TimeSpan.FromSeconds(20));

        Assert.NotNull(engine.FindExport("a"));
        Assert.Null(engine.FindExport("b"));
        Assert.Null(engine.ExtendExport("b"));

        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((0, 2L), engine.Read((load, metrics) => (load.UsedBlocks, metrics.ExpiredExports)));
    }

    [Fact]
    public void Export_OfAnAbortedSequence_IsNotKept()
    {
        var engine = Start(s_latencies);
        var generation = engine.Submit([Request(prompt: 18) with { ExportAs = "a" }]);
        engine.Abort(generation);

        Assert.Null(engine.FindExport("a"));
        Assert.Equal(0, engine.Load.UsedBlocks);
    }

    [Fact]
    public void Export_WhoseBlocksAnotherNeeds_MakesItWait()
    {
        var engine = Start(s_latencies, blocks: 6);
        _ = engine.Submit([Request(prompt: 16) with { ExportAs = "a" }]);
        _time.Advance(TimeSpan.FromMilliseconds(20));
        _ = engine.Submit([Request(prompt: 16, first: 100)]);
        Assert.Equal(1, engine.Load.Waiting);

        _ = engine.ReleaseExport("a");
        Assert.Equal((1, 0), (engine.Load.Running, engine.Load.Waiting));
    }

    [Fact]
    public void Import_TakesTheCopysTimeInsteadOfThePrefills_AndEndsWithTheCopy()
    {
        var ended = 0;
        var engine = Start(s_latencies with { Transfer = new TransferTimes { Latency = TimeSpan.FromMilliseconds(7) } });
        var sequence = engine.Submit([Request(prompt: 100) with { Import = new KvImport(98, () => ended++) }]).Sequences[0];

        Assert.Equal((0, 1), (engine.Load.Running, engine.Load.Waiting));
        _time.Advance(TimeSpan.FromMilliseconds(6));
        Assert.Equal(0, ended);

        // Two tokens were not part of the copy.
        _time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Equal((0, 1), (sequence.Read().Tokens.Length, ended));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal((1, 1), (sequence.Read().Tokens.Length, ended));
        Assert.Equal((100L, 98L, 98L, 2L), engine.Read((_, metrics) =>
            (metrics.ExternalQueries, metrics.ExternalHits, metrics.PromptTokensCopied, metrics.PromptTokensComputed)));
    }

    [Fact]
    public void Import_CopiesOnlyWhatIsNotCached_ByBytesAndBandwidth()
    {
        var engine = Start(s_latencies with { Transfer = new TransferTimes { Overhead = TimeSpan.FromMilliseconds(1), BytesPerToken = 1000, BytesPerSecond = 1e6 } });
        _ = engine.Submit([Request(prompt: 10)]);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        var sequence = engine.Submit([Request(prompt: 40) with { Import = new KvImport(40, () => { }) }]).Sequences[0];

        // 8 tokens are cached, 32 take a millisecond each.
        _time.Advance(TimeSpan.FromMilliseconds(32));
        Assert.Equal((8, 0), (sequence.CachedTokens, sequence.Read().Tokens.Length));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, sequence.Read().Tokens.Length);
        Assert.Equal((32000d, 8d, 0.033), engine.Read((_, metrics) =>
            (metrics.TransferBytes.Sum, metrics.TransferDescriptors.Sum, Math.Round(metrics.TransferTime.Sum, 6))));
    }

    [Fact]
    public void Import_OfAnAbortedSequence_EndsAtOnce()
    {
        var ended = 0;
        var engine = Start(s_latencies);
        var generation = engine.Submit([Request(prompt: 100) with { Import = new KvImport(100, () => ended++) }]);
        engine.Abort(generation);

        Assert.Equal(1, ended);
    }

    private Engine Start(Latencies latencies, int blocks = 100)
    {
        var options = new EngineOptions { BlockSize = 4, Blocks = blocks, PrefixHasher = new EngineBlockHasher(EngineHashAlgorithm.Sha256, "0") };
        return _engine = new Engine(options, latencies, _time);
    }

    private static SequenceRequest Request(int prompt, int first = 0) => new()
    {
        Prompt = [.. Enumerable.Range(first, prompt)],
        Source = new SentenceSource(7, endless: true),
        MaxTokens = 1,
    };
}
