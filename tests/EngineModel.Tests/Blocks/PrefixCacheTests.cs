using LlmdAspire.EngineModel.Text;
using LlmdAspire.EngineModel.Timing;
using LlmdAspire.Serving.Blocks.EngineHashes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EngineModel.Tests.Blocks;

/// <summary>What an engine remembers of earlier requests, and what it takes for new ones.</summary>
public sealed class PrefixCacheTests : IDisposable
{
    private static readonly Latencies s_latencies = new()
    {
        TimeToFirstToken = TimeSpan.Zero,
        PrefillTimePerToken = TimeSpan.FromMilliseconds(1),
        InterTokenLatency = TimeSpan.FromMilliseconds(10),
    };

    private readonly ManualTimeProvider _time = new();
    private readonly CacheMirror _mirror = new();
    private Engine? _engine;

    public void Dispose() => _engine?.Dispose();

    [Fact]
    public void Prompt_Repeated_IsFoundExceptForItsLastBlock()
    {
        var engine = Start(blocks: 100);
        Run(engine, Request(prompt: 16));
        var again = Run(engine, Request(prompt: 16));

        // Four full blocks, of which the last must be computed again for the first token.
        Assert.Equal(12, again.CachedTokens);
        Assert.Equal((32L, 12L), engine.Read((_, metrics) => (metrics.PrefixQueries, metrics.PrefixHits)));
        Assert.Equal((20L, 12L), engine.Read((_, metrics) => (metrics.PromptTokensComputed, metrics.PromptTokensCached)));
        Assert.Equal(0.016 + 0.004, engine.Read((_, metrics) => metrics.TimeToFirstToken.Sum), 6);
    }

    [Fact]
    public void Answer_IsFoundByTheNextTurn()
    {
        var engine = Start(blocks: 100);
        var first = Run(engine, Request(prompt: 6, maxTokens: 7));
        List<int> next = [.. first.Prompt, .. first.Read().Tokens.ToArray(), 1, 2, 3];
        var second = Run(engine, Request(0) with { Prompt = next });

        // 6 + 7 tokens, of which the last one came out and was never computed: three full blocks.
        Assert.Equal(12, second.CachedTokens);
        Assert.Equal(["stored 0+1", "|", "stored 1+1", "|", "stored 2+1", "|", "stored 3+1", "|"], _mirror.Log);
    }

    [Fact]
    public void Prompt_InUse_IsSharedBlockForBlock()
    {
        var engine = Start(blocks: 100);
        _ = engine.Submit([Request(prompt: 16, maxTokens: 100)]);
        _time.Advance(TimeSpan.FromMilliseconds(16));
        _ = engine.Submit([Request(prompt: 16, maxTokens: 100)]);

        // Five for the first, whose next token needs one more; three shared, one own.
        Assert.Equal(6, engine.Load.UsedBlocks);
    }

    [Theory]
    [InlineData("salt", null)]
    [InlineData(null, "adapter")]
    public void Prompt_WithSaltOrAdapter_IsApart(string? salt, string? lora)
    {
        var engine = Start(blocks: 100);
        Run(engine, Request(prompt: 16));

        Assert.Equal(0, Run(engine, Request(prompt: 16) with { CacheSalt = salt, LoraName = lora }).CachedTokens);
        Assert.Equal(12, Run(engine, Request(prompt: 16) with { CacheSalt = salt, LoraName = lora }).CachedTokens);
    }

    [Fact]
    public void Blocks_WhenRoomIsNeeded_GoLeastRecentlyUsedAndFromTheEnd()
    {
        var engine = Start(blocks: 8);
        Run(engine, Request(prompt: 12, first: 100));
        Run(engine, Request(prompt: 12, first: 200));
        Run(engine, Request(prompt: 12, first: 300));

        // Three blocks each into eight: the oldest lost its last block only.
        Assert.Equal(8, _mirror.Blocks.Count);
        Assert.Equal(8, Run(engine, Request(prompt: 9, first: 100)).CachedTokens);
        Assert.Equal(8, Run(engine, Request(prompt: 9, first: 200)).CachedTokens);
    }

    [Fact]
    public void Prompt_ComputedTwiceAtOnce_IsAnnouncedOnce()
    {
        var engine = Start(blocks: 100);
        var both = engine.Submit([Request(prompt: 16), Request(prompt: 16)]);
        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.True(both.IsFinished);
        Assert.Equal(["stored 0+4", "|"], _mirror.Log);
    }

    [Fact]
    public void Growth_WithoutRoom_PreemptsTheYoungest_WhichLosesNothing()
    {
        var engine = Start(blocks: 6);
        var old = engine.Submit([Request(prompt: 8, maxTokens: 12, first: 100)]);
        var young = engine.Submit([Request(prompt: 8, maxTokens: 12, first: 200)]);
        var source = new SentenceSource(7, endless: true);
        int[] expected = [.. Enumerable.Range(0, 12).Select(_ => source.NextToken())];

        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal((1, 1, 1L), (engine.Load.Running, engine.Load.Waiting, engine.Read((_, metrics) => metrics.Preemptions)));

        _time.Advance(TimeSpan.FromMilliseconds(1000));
        Assert.True(old.IsFinished && young.IsFinished);
        Assert.Equal(expected, old.Sequences[0].Read().Tokens);
        Assert.Equal(expected, young.Sequences[0].Read().Tokens);
        Assert.Equal((24L, 16L), engine.Read((_, metrics) => (metrics.GenerationTokens, metrics.PromptTokens)));
        Assert.Equal(0, engine.Load.UsedBlocks);
    }

    [Fact]
    public void Sequence_LargerThanTheCache_RunsAlone()
    {
        var engine = Start(blocks: 2);
        var large = engine.Submit([Request(prompt: 30, maxTokens: 30)]);
        var small = engine.Submit([Request(prompt: 4)]);
        Assert.Equal((1, 1, 2), (engine.Load.Running, engine.Load.Waiting, engine.Load.UsedBlocks));

        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(large.IsFinished && small.IsFinished);
        Assert.Equal(0, engine.Load.UsedBlocks);
    }

    [Fact]
    public void Reset_WhileNothingRuns_ForgetsEverything()
    {
        var engine = Start(blocks: 100);
        Run(engine, Request(prompt: 16));

        Assert.True(engine.ResetPrefixCache());
        Assert.Empty(_mirror.Blocks);
        Assert.Equal(0, Run(engine, Request(prompt: 16)).CachedTokens);
    }

    [Fact]
    public void Reset_WhileSomethingRuns_IsRefusedUnlessItMayInterrupt()
    {
        var engine = Start(blocks: 100);
        var running = engine.Submit([Request(prompt: 16, maxTokens: 5)]);
        _time.Advance(TimeSpan.FromMilliseconds(20));

        Assert.False(engine.ResetPrefixCache());
        Assert.True(engine.ResetPrefixCache(interruptRunning: true));
        Assert.Equal(1, engine.Load.Running);

        _time.Advance(TimeSpan.FromMilliseconds(1000));
        Assert.Equal(5, running.Sequences[0].Read().Tokens.Length);
    }

    private Engine Start(int blocks)
    {
        var options = new EngineOptions { BlockSize = 4, Blocks = blocks, PrefixHasher = new EngineBlockHasher(EngineHashAlgorithm.Sha256Cbor, "0") };
        return _engine = new Engine(options, s_latencies, _time, _mirror);
    }

    private Sequence Run(Engine engine, SequenceRequest request)
    {
        var generation = engine.Submit([request]);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(generation.IsFinished);
        return generation.Sequences[0];
    }

    private static SequenceRequest Request(int prompt, int maxTokens = 1, int first = 0) => new()
    {
        Prompt = [.. Enumerable.Range(first, prompt)],
        Source = new SentenceSource(7, endless: true),
        MaxTokens = maxTokens,
    };
}
