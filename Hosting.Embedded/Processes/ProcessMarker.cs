using System.Globalization;
using System.Text;

namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>A variable in the environment of every child, inherited by its children, by which Linux finds descendants whose own parent is gone.</summary>
/// <remarks>Where the environment of others cannot be read (macOS), and for programs that overwrite theirs, parentage alone has to do.</remarks>
internal static class ProcessMarker
{
    public const string Variable = "LLMDASPIRE_PROCESS";

    /// <summary>The value for the n-th process of a run; the final dot keeps 1 from meaning 10 as well.</summary>
    public static string Of(string run, int number) => string.Create(CultureInfo.InvariantCulture, $"{run}.{number}.");

    /// <summary>The processes that carry this value.</summary>
    public static IReadOnlyList<ProcessEntry> Find(string value)
    {
        if (!OperatingSystem.IsLinux())
        {
            return [];
        }

        var wanted = Encoding.UTF8.GetBytes($"{Variable}={value}");
        return [.. ProcessTable.Read().Where(entry => Carries(entry.Id, wanted))];
    }

    private static bool Carries(int id, byte[] wanted)
    {
        try
        {
            return File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/environ")).AsSpan().IndexOf(wanted) >= 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Ended meanwhile, or another user's: not ours.
        }
    }
}
