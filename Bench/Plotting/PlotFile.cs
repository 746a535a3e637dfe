using LlmdAspire.Bench.Results;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Bench.Plotting;

/// <summary>Writes the page with the charts of some results.</summary>
internal static class PlotFile
{
    /// <exception cref="UsageException">The file cannot be written.</exception>
    public static void Write(string path, string title, IReadOnlyList<SavedResult> results)
    {
        try
        {
            File.WriteAllText(path, PlotPage.Html(title, results));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be written: {e.Message}");
        }
    }
}
