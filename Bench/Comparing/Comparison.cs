using LlmdAspire.Bench.Results;

namespace LlmdAspire.Bench.Comparing;

/// <summary>Runs of several candidates, and how each compares with the first.</summary>
internal sealed class Comparison
{
    private readonly List<string> _names = [];
    private readonly Dictionary<string, List<SavedResult>> _runs = new(StringComparer.Ordinal);

    /// <summary>Candidates in the order in which they came; the first is what the others are compared with.</summary>
    public IReadOnlyList<string> Names => _names;

    public IReadOnlyList<SavedResult> RunsOf(string name) => _runs[name];

    public void Add(string name, SavedResult run)
    {
        if (!_runs.TryGetValue(name, out var runs))
        {
            _names.Add(name);
            _runs[name] = runs = [];
        }

        runs.Add(run);
    }

    /// <summary>A figure of a candidate over its runs; null when a run lacks it.</summary>
    public Spread? Of(string name, string key) => Spread.Of([.. _runs[name].Select(run => Value(run, key))]);

    /// <summary>A figure as a multiple of the first candidate's, run by run; null where one of them lacks it or is 0.</summary>
    /// <remarks>Runs were made in turn, so the n-th of both had the same conditions.</remarks>
    public Spread? Ratio(string name, string key) =>
        Spread.Of([.. _runs[name].Zip(_runs[_names[0]], (run, first) => Value(first, key) is not 0 and var basis ? Value(run, key) / basis : null)]);

    private static double? Value(SavedResult run, string key) => run.Figures.TryGetValue(key, out var value) ? value : null;
}

/// <summary>Least, middle and greatest of some values.</summary>
internal readonly record struct Spread(double Min, double Median, double Max)
{
    public static Spread? Of(IReadOnlyCollection<double?> values)
    {
        if (values.Count == 0 || values.Any(value => value is null))
        {
            return null;
        }

        var sorted = new Statistics(values.OfType<double>());
        return new Spread(sorted.Percentile(0), sorted.Median, sorted.Percentile(100));
    }
}
