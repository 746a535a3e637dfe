namespace LlmdAspire.Bench.CommandLine;

/// <summary>Flag values of the form <c>KEY=VALUE</c>.</summary>
internal static class KeyValues
{
    public const string Mistake = "must be pairs such as KEY=VALUE";

    public static string? Check(IEnumerable<string> pairs) => pairs.All(pair => pair.IndexOf('=', StringComparison.Ordinal) > 0) ? null : Mistake;

    public static IReadOnlyList<KeyValuePair<string, string>> Read(IEnumerable<string> pairs) =>
        [.. pairs.Select(pair => pair.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0].Trim(), pair[1].Trim()))];
}
