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
        // Exit code 3 stands for advice only, 1 for a text that cannot be read.
        var (code, said) = await CheckMetricsAsync(metrics);
        return code is 0 or 3 ? null : said;
    }

    /// <summary>What it cannot parse or would name otherwise, or null.</summary>
    public static async Task<string?> FindObjectionAsync(string metrics)
    {
        var (code, said) = await CheckMetricsAsync(metrics);
        return code == 0 ? null : said;
    }

    /// <summary>What is wrong with a file of rules, or null.</summary>
    public static Task<string?> CheckRulesAsync(string file) => RunAsync("check", "rules", file);

    /// <summary>What does not come out as a file of unit tests of rules says, or null.</summary>
    public static Task<string?> TestRulesAsync(string file) => RunAsync("test", "rules", file);

    private static async Task<(int Code, string Errors)> CheckMetricsAsync(string metrics)
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
        return (promtool.ExitCode, await errors);
    }

    private static async Task<string?> RunAsync(params string[] arguments)
    {
        using var promtool = Process.Start(new ProcessStartInfo("promtool", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = promtool.StandardError.ReadToEndAsync();
        var output = await promtool.StandardOutput.ReadToEndAsync();
        await promtool.WaitForExitAsync();
        return promtool.ExitCode == 0 ? null : $"{await errors}{output}";
    }

    private static bool FindOnPath() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "promtool")));
}
