using LlmdAspire.Scheduling.Pickers;
using LlmdAspire.Scheduling.Profiles;

namespace LlmdAspire.Scheduling.Tests;

public sealed class PickerTests
{
    [Fact]
    public void MaxScore_TakesTheBest_AndSeveralInOrder()
    {
        Assert.Equal([2], Pick(new MaxScorePicker(1, new Random(1)), [1, 2, 3, 0]));
        Assert.Equal([2, 1, 0], Pick(new MaxScorePicker(3, new Random(1)), [1, 2, 3, 0]));
    }

    [Fact]
    public void MaxScore_DrawsLotsAmongEquals()
    {
        var counts = CountFirst(new MaxScorePicker(1, new Random(7)), [5, 5, 1, 5], draws: 3000);

        Assert.Equal(0, counts[2]);
        Assert.All([counts[0], counts[1], counts[3]], count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void Random_TakesEachAlikeAndNoneTwice()
    {
        var counts = CountFirst(new RandomPicker(1, new Random(7)), [9, 0, 0], draws: 3000);

        Assert.All(counts, count => Assert.InRange(count, 850, 1150));
        Assert.Equal([0, 1, 2], Pick(new RandomPicker(5, new Random(3)), [0, 0, 0]).Order());
    }

    [Fact]
    public void WeightedRandom_DrawsInProportionToTheScores()
    {
        var counts = CountFirst(new WeightedRandomPicker(1, new Random(7)), [1, 3, 0], draws: 4000);

        Assert.InRange(counts[0], 880, 1120);
        Assert.InRange(counts[1], 2880, 3120);
        Assert.Equal(0, counts[2]);
    }

    [Fact]
    public void WeightedRandom_WithoutAnyScore_IsEven()
    {
        Assert.All(CountFirst(new WeightedRandomPicker(1, new Random(7)), [0, 0], draws: 2000), count => Assert.InRange(count, 880, 1120));
    }

    private static int[] Pick(IPicker picker, double[] totals)
    {
        var picks = new int[picker.MaxPicks];
        return picks[..picker.Pick(totals, picks)];
    }

    private static int[] CountFirst(IPicker picker, double[] totals, int draws)
    {
        var counts = new int[totals.Length];
        for (var i = 0; i < draws; i++)
        {
            counts[Pick(picker, totals)[0]]++;
        }

        return counts;
    }
}
