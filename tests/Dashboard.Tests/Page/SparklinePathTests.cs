using LlmdAspire.Dashboard.Page;

namespace LlmdAspire.Dashboard.Tests.Page;

public sealed class SparklinePathTests
{
    [Fact]
    public void Of_Nothing_IsEmpty() => Assert.Equal("", SparklinePath.Of([null, null], capacity: 10));

    [Fact]
    public void Of_RunsToTheRightEdge_WithTheLargestValueOnTop() =>
        Assert.Equal("M0 27L60 14L120 1", SparklinePath.Of([0, 5, 10], capacity: 3));

    [Fact]
    public void Of_FewPoints_LeavesTheLeftFree() => Assert.Equal("M110 27L120 1", SparklinePath.Of([0, 1], capacity: 13));

    [Fact]
    public void Of_AValueThatIsNotKnown_LeavesAGap() => Assert.Equal("M0 1h0M80 1L120 1", SparklinePath.Of([1, null, 1, 1], capacity: 4));

    [Fact]
    public void Of_WithAGivenTop_StaysBelowIt() => Assert.Equal("M0 14L120 1", SparklinePath.Of([0.5, 7], capacity: 2, top: 1));

    [Fact]
    public void Of_OnlyZeroes_LiesOnTheGround() => Assert.Equal("M0 27L120 27", SparklinePath.Of([0, 0], capacity: 2));
}
