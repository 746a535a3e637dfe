using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>The metrics that somebody has: those of this stack's services, and vLLM's, by the names that the simulated engine has them under.</summary>
internal static partial class MetricNames
{
    private static readonly string[] s_folders = ["Epp", "KvIndexer", "Router", "Simulator"];

    private static readonly Lazy<HashSet<string>> s_known = new(() => [.. s_folders
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root(), folder), "*.cs", SearchOption.AllDirectories))
        .SelectMany(file => Literal().Matches(File.ReadAllText(file)))
        .Select(match => match.Groups[1].Value.Replace('.', '_'))]);

    /// <summary>Whether there is a metric of this name in an exposition, which adds units and kinds to the names of instruments.</summary>
    public static bool Exist(string name) =>
        s_known.Value.Contains(name) || (Suffix().Match(name) is { Success: true } suffix && Exist(name[..^suffix.Length]));

    private static string Root([CallerFilePath] string thisFile = "") => Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..");

    [GeneratedRegex("\"((?:vllm:|vllm_router_|llmd[._]|llm_d_epp_)[a-z_.]+)\"")]
    private static partial Regex Literal();

    [GeneratedRegex("_(bucket|sum|count|total|seconds|bytes)$")]
    private static partial Regex Suffix();
}
