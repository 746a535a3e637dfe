namespace LlmdAspire.Bench.Runs;

/// <summary>Where a benchmark writes.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">Warnings, mistakes and progress.</param>
/// <param name="IsTerminal">Whether a person watches <paramref name="Error"/>.</param>
internal sealed record BenchConsole(TextWriter Out, TextWriter Error, bool IsTerminal)
{
    public static BenchConsole System => new(Console.Out, Console.Error, !Console.IsErrorRedirected);

    public void Warn(string line) => Error.WriteLine($"{CommandLine.LoadFlags.ProgramName}: {line}");
}
