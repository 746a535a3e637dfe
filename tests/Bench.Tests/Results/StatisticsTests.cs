using LlmdAspire.Bench.Results;

namespace LlmdAspire.Bench.Tests.Results;

/// <summary>Expected values come from numpy 1.24.2: percentile, mean and std with their defaults.</summary>
public sealed class StatisticsTests
{
    private static readonly double[] s_percents = [0, 25, 50, 75, 90, 99, 99.9, 100];

    public static TheoryData<double[], double[], double, double> Numpy => new()
    {
        { [1], [1, 1, 1, 1, 1, 1, 1, 1], 1, 0 },
        { [3, 1, 2], [1, 1.5, 2, 2.5, 2.8, 2.98, 2.998, 3], 2, 0.816496580927726 },
        { [1, 2, 3, 4], [1, 1.75, 2.5, 3.25, 3.7, 3.9699999999999998, 3.9970000000000003, 4], 2.5, 1.118033988749895 },
        { [0.1, 0.2, 0.7, 1.5, 2.25], [0.1, 0.2, 0.7, 1.5, 1.9500000000000002, 2.2199999999999998, 2.2470000000000003, 2.25], 0.95, 0.8173126696681019 },
        { [5, 5, 5], [5, 5, 5, 5, 5, 5, 5, 5], 5, 0 },
        { [.. Enumerable.Range(1, 101).Select(i => (double)i)], [1, 26, 51, 76, 91, 100, 100.9, 101], 51, 29.154759474226502 },
    };

    [Theory]
    [MemberData(nameof(Numpy))]
    public void Statistics_AreNumpys(double[] values, double[] percentiles, double mean, double deviation)
    {
        var statistics = new Statistics(values);

        foreach (var (percent, expected) in s_percents.Zip(percentiles))
        {
            Assert.Equal(expected, statistics.Percentile(percent), 1e-12);
        }

        Assert.Equal(mean, statistics.Mean, 1e-12);
        Assert.Equal(deviation, statistics.Deviation, 1e-12);
    }

    [Fact]
    public void NoValues_AreAllZero()
    {
        var none = new Statistics([]);

        Assert.Equal((0.0, 0.0, 0.0, 0.0), (none.Mean, none.Median, none.Deviation, none.Percentile(99)));
    }
}
