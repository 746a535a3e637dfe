using LlmdAspire.Bench.CommandLine;
using LlmdAspire.Bench.SelfCheck;

namespace LlmdAspire.Bench.Verbs;

/// <summary><c>bench instant-server</c>: the other side of <c>bench self-check</c>.</summary>
internal static class InstantServerVerb
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args, VerbContext context)
    {
        var flags = new InstantServerFlags();
        if (FlagReading.Read(flags, args, context.Console) is { } exitCode)
        {
            return exitCode;
        }

        await using var server = new InstantServer(flags.Tokens, flags.EventsPerWrite);
        await context.Console.Out.WriteLineAsync(FormattableString.Invariant($"{server.Port}"));
        while (await Console.In.ReadLineAsync(context.Stop) is not null)
        {
            // Only the end matters.
        }

        return 0;
    }
}
