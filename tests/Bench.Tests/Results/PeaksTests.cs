using LlmdAspire.Bench.Client;
using LlmdAspire.Bench.Results;

namespace LlmdAspire.Bench.Tests.Results;

public sealed class PeaksTests
{
    [Fact]
    public void RequestsThatFollowEachOther_ShareASecond()
    {
        // Never more than one at a time, and two in the second in which they meet.
        var peaks = Peaks.Of([Request(10, 0.2, 1.5), Request(11.5, 0.1, 1.2)]);

        Assert.Equal(2, peaks.Requests);
    }

    [Fact]
    public void RequestThatEndsOnTheSecond_IsPartOfThatSecond() =>
        Assert.Equal(2, Peaks.Of([Request(0, 0.5, 1), Request(1, 0.5, 1)]).Requests);

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(3.25)]
    public void RequestThatTakesNoTime_CountsInItsSecond(double start) => Assert.Equal(2, Peaks.Of([Request(start, 0, 0), Request(start, 0, 0)]).Requests);

    [Fact]
    public void Chunks_CountInTheSecondInWhichTheyCame() =>
        Assert.Equal(3, Peaks.Of([Request(5, 0.9, 2.5, 0.2, 0.1, 0.1, 1.2)]).Chunks);

    [Fact]
    public void NoRequests_NoPeaks() => Assert.Equal(default, Peaks.Of([]));

    private static RequestOutcome Request(double start, double first, double latency, params double[] gaps) =>
        new() { Success = true, StartTime = start, TimeToFirstToken = first, Latency = latency, InterTokenLatencies = gaps };
}
