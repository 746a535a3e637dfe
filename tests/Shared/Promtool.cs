using System.Diagnostics;

namespace LlmdAspire.Tests.Shared;

/// <summary>Prometheus' own checker, from Debian's package <c>prometheus</c>.</summary>
public static class Promtool
{
    /// <summary>Why a test that needs it must be skipped, or null when it is installed.</summary>
    public static string? Missing { get; } = FindOnPath() ? null : "promtool is not on the PATH (Debian package prometheus)";

    /// <summary>What it cannot parse in a text, or null. Its naming advice does not count: names of other programs break it.</summary>
    public static async Task<string?> FindParseErrorAsync(string metrics)
    {
        var start = new ProcessStartInfo("promtool", ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var promtool = Process.Start(start)!;
        var errors = promtool.StandardError.ReadToEndAsync();
        var output = promtool.StandardOutput.ReadToEndAsync();
        await promtool.StandardInput.WriteAsync(metrics);
        promtool.StandardInput.Close();
        await promtool.WaitForExitAsync();
        await output;

        // Exit code 3 stands for advice only, 1 for a text that cannot be read.
        return promtool.ExitCode is 0 or 3 ? null : await errors;
    }

    private static bool FindOnPath() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "promtool")));
}
