using LlmdAspire.Scheduling.Profiles;

namespace LlmdAspire.Scheduling.Pickers;

/// <summary>Draws by lot, with chances in proportion to the scores; without any score above zero, evenly.</summary>
/// <remarks>A-Res: each candidate draws u^(1/weight) and the largest win, which also gives a fair order of several picks.</remarks>
internal sealed class WeightedRandomPicker(int maxPicks, Random random) : IPicker
{
    private readonly RandomPicker _even = new(maxPicks, random);

    public int MaxPicks => maxPicks;

    public int Pick(ReadOnlySpan<double> totals, Span<int> picks)
    {
        if (!totals.ContainsAnyExceptInRange(double.NegativeInfinity, 0))
        {
            return _even.Pick(totals, picks);
        }

        Span<double> keys = totals.Length <= 256 ? stackalloc double[totals.Length] : new double[totals.Length];
        for (var i = 0; i < totals.Length; i++)
        {
            keys[i] = totals[i] > 0 ? Math.Pow(random.NextDouble(), 1 / totals[i]) : -1;
        }

        var count = Math.Min(picks.Length, totals.Length);
        for (var place = 0; place < count; place++)
        {
            var best = IndexOfMax(keys);
            picks[place] = best;
            keys[best] = double.NegativeInfinity;
        }

        return count;
    }

    private static int IndexOfMax(ReadOnlySpan<double> keys)
    {
        var best = 0;
        for (var i = 1; i < keys.Length; i++)
        {
            best = keys[i] > keys[best] ? i : best;
        }

        return best;
    }
}
