using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Bench.CommandLine;

/// <summary>Flags of <c>bench plot</c>.</summary>
internal sealed class PlotFlags : CommandFlags
{
    public PlotFlags()
        : base(LoadFlags.ProgramName, "Draws charts of saved results into one HTML file that needs nothing else.", "plot")
    {
        Results = Define<string[]>("results", [], "Files of --save-result; with --save-detailed there are more charts. Also without the flag's name.");
        Output = Define("output", "bench.html", "File to write.");
        Title = Define("title", "Benchmark", "Heading of the page.");
    }

    public Flag<string[]> Results { get; }

    public Flag<string> Output { get; }

    public Flag<string> Title { get; }

    protected override IEnumerable<string> FindMistakes()
    {
        if (Results.Value.Length == 0)
        {
            yield return "--results is missing; name the files that --save-result wrote.";
        }
    }
}
