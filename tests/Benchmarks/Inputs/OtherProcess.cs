using System.Diagnostics;

namespace LlmdAspire.Benchmarks.Inputs;

/// <summary>This program once more, in a process of its own, so that the CPU time of both ends of a wire can be told apart.</summary>
internal static class OtherProcess
{
    /// <summary>Starts a verb. It is told what to do by standard input, whose end ends it, and answers on standard output.</summary>
    public static Process Start(params string[] arguments) =>
        // As `dotnet this.dll`, whichever way this process was started itself.
        Process.Start(new ProcessStartInfo("dotnet", [typeof(OtherProcess).Assembly.Location, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;

    /// <summary>CPU seconds that a process has used, all its threads together.</summary>
    public static double CpuSeconds(this Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime.TotalSeconds;
    }
}
