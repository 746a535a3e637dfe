namespace LlmdAspire.ServiceDefaults;

/// <summary>Why a program ends before it starts.</summary>
/// <param name="ExitCode">0 after help, 2 after mistakes.</param>
/// <param name="Lines">What to print: on stdout for 0, else one mistake a line on stderr.</param>
public sealed record EarlyExit(int ExitCode, IReadOnlyList<string> Lines);
