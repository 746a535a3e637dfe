using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Bench.CommandLine;

/// <summary>Flags of <c>bench compare</c>: those of <c>bench serve</c>, and what to compare.</summary>
internal sealed class CompareFlags : LoadFlags
{
    public CompareFlags()
        : base("compare", "Measures several servers in turn, again and again, and tells their figures as ratios; or compares saved results.")
    {
        Targets = Define<string[]>("targets", [], "Servers, NAME=URL; the others are compared with the first.", "target");
        Repetitions = Define("repetitions", 3, "Runs against each server.");
        Results = Define<string[]>("results", [], "Saved results in place of servers, NAME=FILE or FILE; several files of one name are its repetitions.");
        Check(Targets, targets => targets.All(target => KeyValues.Read([target]) is [{ Value: var url }] && Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
            ? null : "must be pairs such as base=http://127.0.0.1:8000");
        Check(Repetitions, count => count < 1 ? "must be at least 1" : null);
    }

    public Flag<string[]> Targets { get; }

    public Flag<int> Repetitions { get; }

    public Flag<string[]> Results { get; }

    protected override IEnumerable<string> FindMistakes()
    {
        if (Targets.Value.Length > 0 && Results.Value.Length > 0)
        {
            yield return "--targets and --results cannot stand together; compare either servers or files.";
        }
        else if (Targets.Value.Length + Results.Value.Length < 2)
        {
            yield return "--targets or --results must name at least two; for example --targets base=http://127.0.0.1:8000 new=http://127.0.0.1:8001.";
        }

        if (KeyValues.Read(Targets.Value).GroupBy(target => target.Key).FirstOrDefault(targets => targets.Count() > 1) is { } twice)
        {
            yield return $"--targets names '{twice.Key}' more than once; give each server a name of its own.";
        }

        foreach (var mistake in base.FindMistakes().Concat(FindOverwriting()))
        {
            yield return mistake;
        }
    }
}
