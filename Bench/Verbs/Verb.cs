using LlmdAspire.Bench.Runs;

namespace LlmdAspire.Bench.Verbs;

/// <summary>Something the program does.</summary>
/// <param name="Name">As typed.</param>
/// <param name="Summary">One line for <c>--help</c>; null for what only this program itself calls.</param>
/// <param name="RunAsync">Does it with the arguments behind the name and returns the exit code.</param>
internal sealed record Verb(string Name, string? Summary, Func<IReadOnlyList<string>, VerbContext, Task<int>> RunAsync);

/// <summary>What a verb works with.</summary>
/// <param name="Console">Where it writes.</param>
/// <param name="Clock">What it measures with.</param>
/// <param name="Stop">Set by Ctrl-C.</param>
internal sealed record VerbContext(BenchConsole Console, TimeProvider Clock, CancellationToken Stop);
