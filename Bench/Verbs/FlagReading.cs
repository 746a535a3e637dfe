using LlmdAspire.Bench.Runs;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Bench.Verbs;

/// <summary>Reads a verb's flags, and says what there is to say about them.</summary>
internal static class FlagReading
{
    /// <returns>Null to go on, or the exit code after help or mistakes.</returns>
    public static int? Read(CommandFlags flags, IReadOnlyList<string> args, BenchConsole console)
    {
        var exit = flags.Read(args);
        foreach (var line in exit?.Lines ?? [])
        {
            if (exit!.ExitCode == 0)
            {
                console.Out.WriteLine(line);
            }
            else
            {
                console.Warn(line);
            }
        }

        if (exit is null && flags.Ignored.Count > 0)
        {
            console.Warn($"ignored, because they change nothing here: {string.Join(", ", flags.Ignored)}");
        }

        return exit?.ExitCode;
    }
}
