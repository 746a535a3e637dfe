using LlmdAspire.EngineModel.Timing;

namespace LlmdAspire.EngineModel.Tests.Timing;

public sealed class LatenciesTests
{
    private static readonly StepWork s_prefill = new() { PrefillTokens = 100, Sampled = 1, Running = 1, Places = 5 };
    private static readonly StepWork s_decode = new() { Decodes = 1, ContextTokens = 100, Sampled = 1, Running = 1, Places = 5 };

    [Fact]
    public void Prefill_IsTheTimeToTheFirstToken_OrElseGrowsWithTheTokens()
    {
        var byTokens = new Latencies { PrefillOverhead = Milliseconds(7), PrefillTimePerToken = Milliseconds(2) };

        Assert.Equal(207, Time(byTokens, s_prefill), 3);
        Assert.Equal(50, Time(byTokens with { TimeToFirstToken = Milliseconds(50) }, s_prefill), 3);
        Assert.Equal(0, Time(byTokens, new StepWork { Resumed = 1 }));
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(3, 20)]
    [InlineData(5, 30)]
    public void FactorUnderLoad_GrowsWithTheSequencesThatRun(int running, double expected)
    {
        var latencies = new Latencies { InterTokenLatency = Milliseconds(10), FactorUnderLoad = 3 };

        Assert.Equal(expected, Time(latencies, s_decode with { Running = running }), 3);
        Assert.Equal(10, Time(latencies, s_decode with { Running = 1, Places = 1 }), 3);
    }

    [Fact]
    public void Deviations_StayWithin30And170Percent_AroundTheMean()
    {
        var latencies = new Latencies { InterTokenLatency = Milliseconds(10), InterTokenDeviation = Milliseconds(3) };
        var random = new Random(1);
        double[] times = [.. Enumerable.Range(0, 20_000).Select(_ => latencies.StepTime(s_decode, random).TotalMilliseconds)];

        Assert.All(times, time => Assert.InRange(time, 3, 17));
        Assert.InRange(times.Average(), 9.9, 10.1);
        Assert.InRange(Math.Sqrt(times.Average(time => (time - 10) * (time - 10))), 2.7, 3.1);
    }

    [Fact]
    public void Transfer_TakesWhatIsGiven_ElseBytesOverBandwidth()
    {
        var random = new Random(1);
        var link = new TransferTimes { BytesPerToken = 1000, BytesPerSecond = 1e6, Overhead = Milliseconds(3) };

        Assert.Equal((Milliseconds(40), Milliseconds(3)), link.Of(40, random));
        Assert.Equal((TimeSpan.Zero, Milliseconds(80)), (link with { TimePerToken = Milliseconds(2) }).Of(40, random));
        Assert.Equal((TimeSpan.Zero, Milliseconds(5)), (link with { TimePerToken = Milliseconds(2), Latency = Milliseconds(5) }).Of(40, random));
    }

    private static TimeSpan Milliseconds(double time) => TimeSpan.FromMilliseconds(time);

    private static double Time(Latencies latencies, StepWork work) => latencies.StepTime(work, new Random(1)).TotalMilliseconds;
}
