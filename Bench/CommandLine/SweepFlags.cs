using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Bench.CommandLine;

/// <summary>Flags of <c>bench sweep</c>: those of <c>bench serve</c>, with several concurrencies.</summary>
internal sealed class SweepFlags : LoadFlags
{
    public SweepFlags()
        : base("sweep", "Measures one server with several concurrencies in turn.")
    {
        Concurrencies = Define<int[]>("concurrencies", [1, 4, 16, 64], "Requests at a time, one run each.");
        Plot = Define<string?>("plot", null, "HTML file with charts of all runs.");
        Check(Concurrencies, all => all.Length > 0 && all.All(one => one >= 1) ? null : "must be whole numbers of at least 1");
    }

    public Flag<int[]> Concurrencies { get; }

    public Flag<string?> Plot { get; }

    protected override IEnumerable<string> FindMistakes() => base.FindMistakes().Concat(FindOverwriting());
}
