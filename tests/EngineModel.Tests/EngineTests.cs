using LlmdAspire.EngineModel.Text;
using LlmdAspire.EngineModel.Timing;
using LlmdAspire.Serving.Tokens;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EngineModel.Tests;

public sealed class EngineTests : IDisposable
{
    private static readonly Latencies s_latencies = new()
    {
        TimeToFirstToken = TimeSpan.FromMilliseconds(50),
        InterTokenLatency = TimeSpan.FromMilliseconds(10),
    };

    private readonly ManualTimeProvider _time = new();
    private Engine? _engine;

    public void Dispose() => _engine?.Dispose();

    [Fact]
    public void Submit_TokensComeAtTheirTimes()
    {
        var engine = Start(new EngineOptions());
        var sequence = engine.Submit([Request(maxTokens: 3)]).Sequences[0];

        Assert.Equal([0, 1, 1, 2, 3], TokenCountsAfter(sequence, 49, 1, 9, 1, 10));
        Assert.Equal(FinishReason.Length, sequence.Read().Finish);
    }

    [Fact]
    public void Submit_MoreThanFit_WaitsForAPlace()
    {
        var engine = Start(new EngineOptions { MaxSequences = 1 });
        var first = engine.Submit([Request(maxTokens: 2)]);
        var second = engine.Submit([Request(maxTokens: 2)]);

        Assert.Equal((1, 1), (engine.Load.Running, engine.Load.Waiting));

        _time.Advance(TimeSpan.FromMilliseconds(60));
        Assert.True(first.IsFinished);
        Assert.Equal((1, 0), (engine.Load.Running, engine.Load.Waiting));

        _time.Advance(TimeSpan.FromMilliseconds(60));
        Assert.True(second.IsFinished);
        Assert.Equal(0, engine.Load.Running);
        Assert.Equal(0.06, engine.Read((_, metrics) => metrics.Queue.Sum), 6);
    }

    [Fact]
    public void Submit_WhenBlocksAreMissing_Waits()
    {
        var engine = Start(new EngineOptions { BlockSize = 4, Blocks = 4 });
        _ = engine.Submit([Request(maxTokens: 8, prompt: 12)]);
        _ = engine.Submit([Request(maxTokens: 8, prompt: 5)]);

        Assert.Equal((1, 1, 3), (engine.Load.Running, engine.Load.Waiting, engine.Load.UsedBlocks));

        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(1, engine.Load.CacheUsage);
    }

    [Fact]
    public void Submit_TokensFasterThanTimersFire_KeepTheModelsTimes()
    {
        var engine = Start(new EngineOptions(), s_latencies with { InterTokenLatency = TimeSpan.FromMilliseconds(0.3) });
        var generation = engine.Submit([Request(maxTokens: 10)]);

        _time.Advance(TimeSpan.FromMilliseconds(10_000));

        Assert.True(generation.IsFinished);
        Assert.Equal(0.0527, engine.Read((_, metrics) => metrics.EndToEnd.Sum), 6);
        Assert.Equal(0.05, engine.Read((_, metrics) => metrics.TimeToFirstToken.Sum), 6);
        Assert.Equal(9, engine.Read((_, metrics) => metrics.InterTokenLatency.Count));
    }

    [Fact]
    public void TimeScale_Ten_RunsTenTimesFaster()
    {
        var engine = Start(new EngineOptions { TimeScale = 10 });
        var sequence = engine.Submit([Request(maxTokens: 3)]).Sequences[0];

        Assert.Equal([1, 2, 3], TokenCountsAfter(sequence, 5, 1, 1));
    }

    [Fact]
    public void PrefillTimePerToken_GrowsWithThePrompt()
    {
        var engine = Start(new EngineOptions(), s_latencies with { TimeToFirstToken = default, PrefillTimePerToken = TimeSpan.FromMilliseconds(2) });
        var sequence = engine.Submit([Request(maxTokens: 1, prompt: 30)]).Sequences[0];

        Assert.Equal([0, 1], TokenCountsAfter(sequence, 59, 1));
    }

    [Fact]
    public void Abort_RunningAndWaiting_FreesEverything()
    {
        var engine = Start(new EngineOptions { MaxSequences = 1 });
        var running = engine.Submit([Request(maxTokens: 100)]);
        var waiting = engine.Submit([Request(maxTokens: 100)]);
        _time.Advance(TimeSpan.FromMilliseconds(70));

        engine.Abort(waiting);
        engine.Abort(running);
        engine.Abort(running);

        Assert.Equal(new EngineLoad(0, 0, 0, 16384), engine.Load);
        Assert.Equal(2, engine.Read((_, metrics) => metrics.Finished(FinishReason.Abort)));
        Assert.Equal(FinishReason.Abort, running.Sequences[0].Read().Finish);
    }

    [Fact]
    public async Task WaitAsync_CompletesWhenTokensCame()
    {
        var engine = Start(new EngineOptions());
        var generation = engine.Submit([Request(maxTokens: 2)]);
        var first = generation.WaitAsync().AsTask();
        Assert.False(first.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(50));
        await first;
        var second = generation.WaitAsync().AsTask();
        engine.Abort(generation);
        await second;
    }

    [Fact]
    public void Stop_StringAcrossTokens_EndsBeforeIt()
    {
        var tokenizer = BuiltinTokenizer.Instance;
        List<int> text = [];
        tokenizer.Encode("one two three four", text);
        var stop = new StopCondition(tokenizer, ["o th"], [], minTokens: 0, keepMatch: false);
        var engine = Start(new EngineOptions());
        var sequence = engine.Submit([new SequenceRequest { Prompt = [1], Source = new EchoSource(text), MaxTokens = 100, Stop = stop }]).Sequences[0];

        _time.Advance(TimeSpan.FromMilliseconds(1000));

        Assert.Equal(FinishReason.Stop, sequence.Read().Finish);
        Assert.Equal("one tw".Length, stop.KeptBytes);
        Assert.Equal("o th", stop.MatchedString);
    }

    [Fact]
    public void Sentences_DependOnTheKeyAlone_AndTokeniseToThemselves()
    {
        var key = TextKey.Of(0, "m", [1, 2, 3], null, 0);
        var one = new SentenceSource(key, endless: true);
        var other = new SentenceSource(key, endless: true);
        int[] tokens = [.. Enumerable.Range(0, 500).Select(_ => one.NextToken())];
        var text = BuiltinTokenizer.Instance.Decode(tokens);
        List<int> again = [];
        BuiltinTokenizer.Instance.Encode(text, again);

        Assert.Equal(tokens, Enumerable.Range(0, 500).Select(_ => other.NextToken()));
        Assert.Equal(tokens.SkipLast(1), again.Take(499));
        Assert.NotEqual(key, TextKey.Of(1, "m", [1, 2, 3], null, 0));
        Assert.NotEqual(key, TextKey.Of(0, "m", [1, 2, 3], 0, 0));
        Assert.NotEqual(key, TextKey.Of(0, "m", [1, 2, 3], null, 1));
    }

    private Engine Start(EngineOptions options, Latencies? latencies = null) => _engine = new Engine(options, latencies ?? s_latencies, _time);

    private static SequenceRequest Request(int maxTokens, int prompt = 5) => new()
    {
        Prompt = [.. Enumerable.Range(0, prompt)],
        Source = new SentenceSource(7, endless: true),
        MaxTokens = maxTokens,
    };

    private IEnumerable<int> TokenCountsAfter(Sequence sequence, params double[] steps)
    {
        foreach (var step in steps)
        {
            _time.Advance(TimeSpan.FromMilliseconds(step));
            yield return sequence.Read().Tokens.Length;
        }
    }
}
