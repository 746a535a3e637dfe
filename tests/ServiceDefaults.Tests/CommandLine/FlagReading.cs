using LlmdAspire.ServiceDefaults.Tests.Tiny;

namespace LlmdAspire.ServiceDefaults.Tests.CommandLine;

/// <summary>Reads the tiny service's flags from a command line and an environment that the test writes down.</summary>
internal static class FlagReading
{
    public static TinyFlags Read(string commandLine, params (string Name, string Value)[] environment)
    {
        var flags = new TinyFlags();
        var exit = flags.Read(Split(commandLine), Lookup(environment));
        Assert.Null(exit);
        return flags;
    }

    public static IReadOnlyList<string> Mistakes(string commandLine, params (string Name, string Value)[] environment)
    {
        var exit = new TinyFlags().Read(Split(commandLine), Lookup(environment));
        Assert.NotNull(exit);
        Assert.Equal(2, exit.ExitCode);
        return exit.Lines;
    }

    // '' stands for an empty argument.
    private static string[] Split(string commandLine) =>
        [.. commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word == "''" ? "" : word)];

    private static Func<string, string?> Lookup((string Name, string Value)[] environment) =>
        name => environment.FirstOrDefault(variable => variable.Name == name).Value;
}
