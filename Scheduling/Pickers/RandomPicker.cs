using LlmdAspire.Scheduling.Profiles;

namespace LlmdAspire.Scheduling.Pickers;

/// <summary>Any of the candidates, whatever their scores.</summary>
internal sealed class RandomPicker(int maxPicks, Random random) : IPicker
{
    public int MaxPicks => maxPicks;

    public int Pick(ReadOnlySpan<double> totals, Span<int> picks)
    {
        var count = Math.Min(picks.Length, totals.Length);
        for (var place = 0; place < count; place++)
        {
            // The n-th of those that are left.
            var left = random.Next(totals.Length - place);
            var index = 0;
            while (picks[..place].Contains(index) || left-- > 0)
            {
                index++;
            }

            picks[place] = index;
        }

        return count;
    }
}
