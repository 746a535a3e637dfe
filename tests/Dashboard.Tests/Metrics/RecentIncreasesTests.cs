using System.Globalization;
using System.Text;
using LlmdAspire.Dashboard.Metrics;

namespace LlmdAspire.Dashboard.Tests.Metrics;

public sealed class RecentIncreasesTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(10);

    [Fact]
    public void PerSecond_BeforeTheSecondReading_IsUnknown() => Assert.Null(Rate([(0, 500)]));

    [Fact]
    public void PerSecond_IsTheMeanOverTheWindow() => Assert.Equal(15, Rate([(0, 100), (1, 110), (2, 130)]));

    [Fact]
    public void PerSecond_ForgetsWhatLiesBeforeTheWindow() =>
        Assert.Equal(0, Rate([(0, 0), (1, 1_000_000), .. Enumerable.Range(2, 20).Select(second => ((double)second, 1_000_000))]));

    [Fact]
    public void PerSecond_AcrossARestart_CountsFromZeroAgain() => Assert.Equal(12.5, Rate([(0, 1000), (1, 1020), (2, 5)]));

    [Fact]
    public void PerSecond_AfterAPause_IsItsMeanUntilSomethingNewerIsKnown()
    {
        Assert.Equal(2, Rate([(0, 0), (600, 1200)]));
        Assert.Equal(30, Rate([(0, 0), (600, 1200), (601, 1230)]));
    }

    [Fact]
    public void PerSecond_OfAMomentOnly_IsUnknownOrStillTheMeanOfThePause()
    {
        Assert.Null(Rate([(0, 0), (0.01, 1)]));
        Assert.Equal(1, Rate([(0, 0), (599.99, 599), (600, 600)])!.Value, precision: 6);
    }

    [Fact]
    public void Add_OfTheSameMomentTwice_ChangesNothing() => Assert.Equal(10, Rate([(0, 0), (1, 10), (1, 10)]));

    private static double? Rate((double Second, int Tokens)[] readings)
    {
        var increases = new RecentIncreases();
        foreach (var (second, tokens) in readings)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{EngineMetrics.GenerationTokens}{{engine=\"0\"}} {tokens}\n");
            increases.Add(
                s_start.AddSeconds(second),
                MetricsReading.From(Encoding.UTF8.GetBytes(text), EngineMetrics.Values, EngineMetrics.Histograms));
        }

        return increases.Over(s_window).PerSecond(EngineMetrics.GenerationTokens);
    }
}
