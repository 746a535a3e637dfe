using System.Globalization;
using LlmdAspire.Bench.Results;

namespace LlmdAspire.Bench.Comparing;

/// <summary>Prints a comparison: the first candidate's figures, then for each other its figures and their ratios.</summary>
internal static class ComparisonTable
{
    public static void Write(TextWriter output, Comparison comparison)
    {
        var basis = comparison.Names[0];
        foreach (var name in comparison.Names.Skip(1))
        {
            output.WriteLine($"{name} ({Runs(comparison, name)}) compared with {basis} ({Runs(comparison, basis)}); medians, and ratios run by run");
            output.WriteLine($"{"",-34} {Cut(basis),12} {Cut(name),12}   {"min",7} {"median",7} {"max",7}");
            foreach (var figure in Figure.Of(comparison.RunsOf(basis)[0]))
            {
                if (comparison.Of(basis, figure.Key) is { } first && comparison.Of(name, figure.Key) is { } other)
                {
                    output.WriteLine($"{figure.Title,-34} {Number(first.Median),12} {Number(other.Median),12}   {Ratios(comparison.Ratio(name, figure.Key))}");
                }
            }

            output.WriteLine();
        }
    }

    private static string Runs(Comparison comparison, string name) =>
        comparison.RunsOf(name).Count is 1 ? "1 run" : FormattableString.Invariant($"{comparison.RunsOf(name).Count} runs");

    private static string Ratios(Spread? ratio) => ratio is { } spread
        ? string.Create(CultureInfo.InvariantCulture, $"{spread.Min,7:F3} {spread.Median,7:F3} {spread.Max,7:F3}") : $"{"-",7} {"-",7} {"-",7}";

    private static string Number(double value) => value.ToString("F2", CultureInfo.InvariantCulture);

    private static string Cut(string name) => name.Length <= 12 ? name : name[..11] + "~";
}
