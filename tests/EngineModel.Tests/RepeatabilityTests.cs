using LlmdAspire.EngineModel.Profiles;
using LlmdAspire.EngineModel.Text;
using LlmdAspire.EngineModel.Timing;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EngineModel.Tests;

/// <summary>The same seed and the same arrivals give the same tokens at the same times.</summary>
public sealed class RepeatabilityTests
{
    public static TheoryData<string> Models() => ["hardware", "given"];

    [Theory]
    [MemberData(nameof(Models))]
    public void Run_Again_IsTheSame(string model)
    {
        Assert.Equal(Run(model, seed: 1), Run(model, seed: 1));
        if (model == "given")
        {
            Assert.NotEqual(Run(model, seed: 1), Run(model, seed: 2));
        }
    }

    private static List<string> Run(string model, int seed)
    {
        ITimingModel timing = model == "hardware"
            ? ProfileCatalog.For("Llama-3.1-8B").Timing(new Deployment())
            : new Latencies
            {
                TimeToFirstToken = TimeSpan.FromMilliseconds(30),
                TimeToFirstTokenDeviation = TimeSpan.FromMilliseconds(9),
                InterTokenLatency = TimeSpan.FromMilliseconds(7),
                InterTokenDeviation = TimeSpan.FromMilliseconds(2),
            };
        var time = new ManualTimeProvider();
        using var engine = new Engine(new EngineOptions { Blocks = 60, MaxSequences = 6, MaxBatchedTokens = 64, Seed = seed }, timing, time);
        var arrivals = new Random(3);
        var all = new List<Sequence>();
        for (var i = 0; i < 40; i++)
        {
            var request = new SequenceRequest
            {
                Prompt = [.. Enumerable.Range(i, arrivals.Next(1, 200))],
                Source = new SentenceSource((ulong)i, endless: true),
                MaxTokens = arrivals.Next(1, 60),
            };
            all.AddRange(engine.Submit([request]).Sequences);
            time.Advance(TimeSpan.FromMilliseconds(arrivals.Next(30)));
        }

        time.Advance(TimeSpan.FromMinutes(5));
        return [.. all.Select(sequence => $"{sequence.FirstToken} {sequence.LastToken} {string.Join(' ', sequence.Read().Tokens.ToArray())} {sequence.Read().Finish}")];
    }
}
