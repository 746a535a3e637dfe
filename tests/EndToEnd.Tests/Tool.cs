using System.Diagnostics;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>Programs that the tests use as real peers.</summary>
internal static class Tool
{
    public static bool Exists(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, name)));

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string program, IReadOnlyList<string> arguments, string? folder = null, string? input = null)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder ?? "",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Patience.Long);
        return (process.ExitCode, await output, await errors);
    }
}

/// <summary>Prometheus' own checker.</summary>
internal static class Promtool
{
    /// <summary>Fails when promtool cannot parse the text; its naming lints do not count, since upstream names break them.</summary>
    public static async Task ParsesAsync(string metrics)
    {
        if (!Tool.Exists("promtool"))
        {
            Assert.Skip("promtool is not on PATH (Debian: prometheus)");
        }

        // Exit code 1 is a parse error, 3 is lint only.
        var (code, output, errors) = await Tool.RunAsync("promtool", ["check", "metrics"], input: metrics);
        Assert.True(code is 0 or 3, $"{output}{errors}");
    }
}
