using LlmdAspire.Bench.CommandLine;
using LlmdAspire.Bench.Runs;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Bench.Verbs;

/// <summary>The program: its first argument is a verb, the others are the verb's.</summary>
internal static class BenchProgram
{
    private static readonly IReadOnlyList<Verb> s_verbs =
    [
        new("serve", "Measure a server: the table and JSON of vllm bench serve.", ServeVerb.RunAsync),
        new("sweep", "Measure a server with several concurrencies in turn.", SweepVerb.RunAsync),
        new("compare", "Measure several servers in turn, or read results, and print ratios.", CompareVerb.RunAsync),
        new("plot", "Draw charts of results into one HTML file.", PlotVerb.RunAsync),
        new("self-check", "Measure this program: how much load it can make here.", SelfCheckVerb.RunAsync),
        new(InstantServerFlags.Verb, Summary: null, InstantServerVerb.RunAsync),
    ];

    private static readonly string[] s_notYet = ["plan", "replay"];

    /// <returns>0 when any request succeeded, 1 when none did, 2 for wrong usage or an unreachable server, 128 + n after signal n.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, BenchConsole console, TimeProvider clock)
    {
        switch (args)
        {
            case ["--help" or "-h" or "-?", ..]:
                await WriteHelpAsync(console.Out);
                return 0;
            case ["--version", ..]:
                // Every verb knows the version.
                return await RunAsync(["serve", "--version"], console, clock);
            case [] or ["", ..]:
                console.Warn($"a verb is missing; it must be one of {Names}, and --help tells what they do.");
                return 2;
        }

        if (s_verbs.FirstOrDefault(verb => verb.Name == args[0]) is not { } chosen)
        {
            console.Warn(s_notYet.Contains(args[0])
                ? $"{args[0]} is not supported yet; {Names} are."
                : $"'{args[0]}' is not a verb; it must be one of {Names}.");
            return 2;
        }

        return await RunAsync(chosen, [.. args.Skip(1)], console, clock);
    }

    private static string Names => string.Join(", ", s_verbs.Where(verb => verb.Summary is not null).Select(verb => verb.Name));

    private static async Task<int> RunAsync(Verb verb, IReadOnlyList<string> args, BenchConsole console, TimeProvider clock)
    {
        using var interruption = new Interruption();
        try
        {
            var exitCode = await verb.RunAsync(args, new VerbContext(console, clock, interruption.Token));
            return interruption.ExitCode == 0 ? exitCode : interruption.ExitCode;
        }
        catch (UsageException e)
        {
            foreach (var mistake in e.Mistakes)
            {
                console.Warn(mistake);
            }

            return 2;
        }
        catch (OperationCanceledException) when (interruption.ExitCode != 0)
        {
            console.Warn("interrupted before there was anything to report.");
            return interruption.ExitCode;
        }
    }

    private static async Task WriteHelpAsync(TextWriter output)
    {
        await output.WriteLineAsync("Measures OpenAI-compatible servers.");
        await output.WriteLineAsync();
        await output.WriteLineAsync($"Usage: {LoadFlags.ProgramName} VERB [options]; VERB --help lists the options.");
        await output.WriteLineAsync();
        foreach (var verb in s_verbs.Where(verb => verb.Summary is not null))
        {
            await output.WriteLineAsync($"  {verb.Name,-12} {verb.Summary}");
        }
    }
}
