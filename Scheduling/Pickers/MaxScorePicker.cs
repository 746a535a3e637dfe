using LlmdAspire.Scheduling.Profiles;

namespace LlmdAspire.Scheduling.Pickers;

/// <summary>The best candidates; equals are drawn by lot.</summary>
internal sealed class MaxScorePicker(int maxPicks, Random random) : IPicker
{
    public int MaxPicks => maxPicks;

    public int Pick(ReadOnlySpan<double> totals, Span<int> picks)
    {
        var count = Math.Min(picks.Length, totals.Length);
        for (var place = 0; place < count; place++)
        {
            picks[place] = Best(totals, picks[..place]);
        }

        return count;
    }

    // One pass: the n-th equal takes the place with probability 1/n, which is fair to all of them.
    private int Best(ReadOnlySpan<double> totals, ReadOnlySpan<int> taken)
    {
        var best = -1;
        var equals = 0;
        for (var i = 0; i < totals.Length; i++)
        {
            if (taken.Contains(i) || (best >= 0 && totals[i] < totals[best]))
            {
                continue;
            }

            if (best < 0 || totals[i] > totals[best])
            {
                (best, equals) = (i, 1);
            }
            else if (random.Next(++equals) == 0)
            {
                best = i;
            }
        }

        return best;
    }
}
