using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Profiles;

/// <summary>Filters in order, then weighted scorers, then a picker.</summary>
public sealed class SchedulerProfile(string name, IReadOnlyList<IFilter> filters, IReadOnlyList<WeightedScorer> scorers, IPicker picker)
{
    public string Name { get; } = name;

    public IReadOnlyList<WeightedScorer> Scorers { get; } = scorers;

    internal IReadOnlyList<IFilter> Filters { get; } = filters;

    internal IPicker Picker { get; } = picker;

    /// <summary>Runs the profile. Pure but for the picker's random source; allocates the result and nothing per endpoint.</summary>
    public ProfileRun Run(SchedulingContext context)
    {
        var kept = Filter(context);
        var scores = new double[kept.Length * Scorers.Count];
        var totals = new double[kept.Length];
        for (var i = 0; i < Scorers.Count && kept.Length > 0; i++)
        {
            var row = scores.AsSpan(i * kept.Length, kept.Length);
            Scorers[i].Scorer.Score(context, Name, kept, row);
            Add(row, Scorers[i].Weight, totals);
        }

        return new ProfileRun(this, kept, scores, totals, Pick(kept, totals));
    }

    private EngineEndpoint[] Filter(SchedulingContext context)
    {
        var candidates = context.Candidates.ToArray();
        var count = candidates.Length;
        foreach (var filter in Filters)
        {
            count = filter.Keep(context, candidates.AsSpan(0, count));
        }

        return count == candidates.Length ? candidates : candidates[..count];
    }

    private static void Add(Span<double> row, double weight, double[] totals)
    {
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = double.IsNaN(row[i]) ? 0 : Math.Clamp(row[i], 0, 1);
            totals[i] += row[i] * weight;
        }
    }

    private EngineEndpoint[] Pick(EngineEndpoint[] kept, double[] totals)
    {
        if (kept.Length == 0)
        {
            return [];
        }

        var picks = new int[Math.Min(Picker.MaxPicks, kept.Length)];
        var count = Picker.Pick(totals, picks);
        var chosen = new EngineEndpoint[count];
        for (var i = 0; i < count; i++)
        {
            chosen[i] = kept[picks[i]];
        }

        return chosen;
    }
}
