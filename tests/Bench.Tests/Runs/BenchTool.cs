using LlmdAspire.Bench.Runs;
using LlmdAspire.Bench.Verbs;

namespace LlmdAspire.Bench.Tests.Runs;

/// <summary>The program, run in this process.</summary>
internal sealed record BenchTool(int ExitCode, string Output, string Error)
{
    public static Task<BenchTool> RunAsync(params string[] args) => RunAsync(TimeProvider.System, args);

    public static async Task<BenchTool> RunAsync(TimeProvider clock, params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exitCode = await BenchProgram.RunAsync(args, new BenchConsole(output, error, IsTerminal: false), clock);
        return new BenchTool(exitCode, output.ToString(), error.ToString());
    }
}
