using LlmdAspire.Bench.Arrivals;

namespace LlmdAspire.Bench.Tests.Arrivals;

public sealed class ArrivalTimesTests
{
    [Theory]
    [InlineData(0.25)]
    [InlineData(1)]
    [InlineData(4)]
    public void Steady_IntervalsHaveTheGammaDistributionOfTheirBurstiness(double burstiness)
    {
        const int Count = 50_000;
        const double Rate = 20;

        var times = ArrivalTimes.Steady(Count, Rate, burstiness, new Random(1));

        Assert.Equal(Count / Rate, times[^1], 1e-6);
        Assert.Equal(times.Order(), times);
        var intervals = times.Zip(times.Prepend(0), (time, before) => time - before).ToList();
        var mean = intervals.Average();
        var variance = intervals.Average(interval => (interval - mean) * (interval - mean));
        Assert.Equal(1 / Rate, mean, 1e-6);
        // Gamma of shape k and mean m has variance m^2 / k.
        Assert.Equal(1, variance * Rate * Rate * burstiness, 0.06);
    }

    [Fact]
    public void InfiniteRate_IsAllAtOnce() => Assert.All(ArrivalTimes.Steady(10, double.PositiveInfinity, 1, new Random(1)), time => Assert.Equal(0, time));

    [Fact]
    public void InfiniteBurstiness_IsEven() =>
        Assert.Equal(new[] { 0.5, 1, 1.5, 2 }, ArrivalTimes.Steady(4, 2, double.PositiveInfinity, new Random(1)));

    [Fact]
    public void EqualSeeds_GiveEqualTimes() =>
        Assert.Equal(ArrivalTimes.Steady(100, 5, 0.5, new Random(3)), ArrivalTimes.Steady(100, 5, 0.5, new Random(3)));

    [Fact]
    public void LinearRampUp_GrowsByTheSameEachTime() =>
        Assert.Equal(new double[] { 10, 20, 30 }, Enumerable.Range(0, 3).Select(i => new RampUp(IsExponential: false, 10, 30).RateAt(i, 3)));

    [Fact]
    public void ExponentialRampUp_GrowsByTheSameFactor() =>
        Assert.Equal(new double[] { 1, 10, 100 }, Enumerable.Range(0, 3).Select(i => Math.Round(new RampUp(IsExponential: true, 1, 100).RateAt(i, 3), 9)));

    [Fact]
    public void Growing_IntervalsShrink()
    {
        var times = ArrivalTimes.Growing(4, new RampUp(IsExponential: false, 1, 4), double.PositiveInfinity, new Random(1));

        double[] expected = [1, 1 + 1 / 2.0, 1 + 1 / 2.0 + 1 / 3.0, 1 + 1 / 2.0 + 1 / 3.0 + 1 / 4.0];
        Assert.All(expected.Zip(times), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }
}
