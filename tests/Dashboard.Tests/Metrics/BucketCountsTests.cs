using LlmdAspire.Dashboard.Metrics;

namespace LlmdAspire.Dashboard.Tests.Metrics;

public sealed class BucketCountsTests
{
    private const double Inf = double.PositiveInfinity;

    [Theory]
    [InlineData(0.5, 0.1)] // exactly the half of the observations lies below 0.1
    [InlineData(0.25, 0.05)] // half way into the first bucket, which begins at zero
    [InlineData(0.75, 0.55)] // half way into the second
    [InlineData(1.0, 1.0)]
    public void Percentile_IsLinearWithinItsBucket(double share, double expected)
    {
        var histogram = Cumulative((0.1, 10), (1, 20), (Inf, 20));

        Assert.Equal(expected, histogram.Percentile(share)!.Value, precision: 9);
    }

    [Fact]
    public void Percentile_AboveTheHighestFiniteBound_IsThatBound() =>
        Assert.Equal(1, Cumulative((0.1, 0), (1, 0), (Inf, 7)).Percentile(0.95));

    [Fact]
    public void Percentile_OfNothing_IsUnknown()
    {
        Assert.Null(BucketCounts.Empty.Percentile(0.5));
        Assert.Null(Cumulative((0.1, 0), (Inf, 0)).Percentile(0.5));
    }

    [Fact]
    public void FromCumulative_TakesBucketsInAnyOrder() =>
        Assert.Equal([3.0, 2.0, 1.0], Cumulative((Inf, 6), (0.1, 3), (1, 5)).Counts);

    [Fact]
    public void Since_IsTheDifferencePerBucket() =>
        Assert.Equal([1.0, 4.0, 0.0], Cumulative((0.1, 4), (1, 10), (Inf, 11)).Since(Cumulative((0.1, 3), (1, 5), (Inf, 6))).Counts);

    [Fact]
    public void Since_AfterARestart_IsAllThereIs()
    {
        var afterRestart = Cumulative((0.1, 1), (1, 2), (Inf, 2));

        Assert.Equal(afterRestart.Counts, afterRestart.Since(Cumulative((0.1, 50), (1, 90), (Inf, 90))).Counts);
    }

    [Fact]
    public void Plus_WithOtherBounds_KeepsEveryBound()
    {
        var sum = Cumulative((0.1, 1), (Inf, 2)).Plus(Cumulative((0.5, 3), (Inf, 3)));

        Assert.Equal([0.1, 0.5, Inf], sum.Bounds);
        Assert.Equal([1.0, 3.0, 1.0], sum.Counts);
    }

    private static BucketCounts Cumulative(params (double Bound, double Count)[] buckets) =>
        BucketCounts.FromCumulative(buckets.Select(bucket => KeyValuePair.Create(bucket.Bound, bucket.Count)));
}
