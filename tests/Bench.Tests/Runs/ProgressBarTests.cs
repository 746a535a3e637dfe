using LlmdAspire.Bench.Runs;

namespace LlmdAspire.Bench.Tests.Runs;

public sealed class ProgressBarTests
{
    [Fact]
    public void Line_TellsShareTimesAndRate() => Assert.Equal(
        " 25 % [#######.......................] 50/200, 00:10 gone, 00:30 left, 5.0 req/s",
        ProgressBar.Line(ended: 50, failed: 0, requests: 200, TimeSpan.FromSeconds(10)));

    [Fact]
    public void Line_TellsFailures_AndKnowsNoEndBeforeTheFirst()
    {
        Assert.Contains(" 2/200, 1 failed, ", ProgressBar.Line(ended: 2, failed: 1, requests: 200, TimeSpan.FromSeconds(10)), StringComparison.Ordinal);
        Assert.Equal(
            "  0 % [..............................] 0/200, 1:00:01 gone, --:-- left, 0.0 req/s",
            ProgressBar.Line(ended: 0, failed: 0, requests: 200, TimeSpan.FromSeconds(3601)));
    }
}
