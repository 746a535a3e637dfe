using System.Diagnostics;
using System.Text;

namespace LlmdAspire.Tests.Shared;

/// <summary>Programs that the tests use as real peers.</summary>
public static class Tool
{
    // Without a byte-order mark, which no program wants to read.
    private static readonly UTF8Encoding s_utf8 = new();

    public static bool Exists(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, name)));

    /// <summary>Why a test that needs a program must be skipped, or null when it is there.</summary>
    /// <param name="name">The program.</param>
    /// <param name="source">Where it comes from, such as a package of Debian's.</param>
    public static string? Missing(string name, string source) => Exists(name) ? null : $"{name} is not on the PATH ({source})";

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
            StandardInputEncoding = s_utf8,
            StandardOutputEncoding = s_utf8,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Eventually.Timeout);
        return (process.ExitCode, await output, await errors);
    }
}
