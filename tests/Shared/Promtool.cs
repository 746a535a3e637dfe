namespace LlmdAspire.Tests.Shared;

/// <summary>Prometheus' own checker.</summary>
public static class Promtool
{
    /// <summary>Why a test that needs it must be skipped, or null when it is installed.</summary>
    public static string? Missing { get; } = Tool.Missing("promtool", "Debian package prometheus");

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

    private static async Task<(int Code, string Said)> CheckMetricsAsync(string metrics)
    {
        var (code, _, errors) = await Tool.RunAsync("promtool", ["check", "metrics"], input: metrics);
        return (code, errors);
    }

    private static async Task<string?> RunAsync(params string[] arguments)
    {
        var (code, output, errors) = await Tool.RunAsync("promtool", arguments);
        return code == 0 ? null : $"{errors}{output}";
    }
}
