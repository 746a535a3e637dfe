using LlmdAspire.Bench.Datasets;

namespace LlmdAspire.Bench.CommandLine;

/// <summary>The datasets by name, made from the flags.</summary>
internal static class DatasetFlags
{
    private static readonly Dictionary<string, Func<LoadFlags, IDataset>> s_datasets = new(StringComparer.Ordinal)
    {
        ["random"] = flags => new RandomDataset(
            flags.InputLength.Value ?? flags.RandomInputLength, flags.OutputLength.Value ?? flags.RandomOutputLength, flags.Ratio, flags.RandomPrefixLength),
        ["sharegpt"] = flags => new ShareGptDataset(
            flags.DatasetPath.Value!, flags.OutputLength.Value ?? flags.ShareGptOutputLength.Value, !flags.DisableShuffle, !flags.NoOversample),
        ["prefix_repetition"] = flags => new PrefixRepetitionDataset(
            flags.PrefixRepetitionPrefixLength, flags.PrefixRepetitionSuffixLength, flags.PrefixRepetitionPrefixes,
            flags.OutputLength.Value ?? flags.PrefixRepetitionOutputLength, !flags.DisableShuffle),
        ["shared_prefix"] = flags => new SharedPrefixDataset(
            flags.SharedPrefixGroups, flags.SharedPrefixPromptsPerGroup, flags.SharedPrefixSystemPromptLength, flags.SharedPrefixQuestionLength,
            flags.OutputLength.Value ?? flags.SharedPrefixOutputLength, !flags.DisableShuffle),
        ["multi_turn"] = flags => new MultiTurnDataset(
            flags.MultiTurnTurns, flags.MultiTurnSystemPromptLength, flags.InputLength.Value ?? flags.MultiTurnInputLength,
            flags.OutputLength.Value ?? flags.MultiTurnOutputLength, flags.Ratio),
        ["custom"] = flags => new CustomDataset(
            flags.DatasetPath.Value!, flags.OutputLength.Value ?? (flags.CustomOutputLength == -1 ? null : flags.CustomOutputLength.Value),
            !flags.DisableShuffle, !flags.NoOversample),
    };

    private static readonly string[] s_withFile = ["sharegpt", "custom"];

    public static IEnumerable<string> Names => s_datasets.Keys;

    public static bool NeedsFile(string name) => s_withFile.Contains(Spelling(name));

    public static bool Contains(string name) => s_datasets.ContainsKey(Spelling(name));

    public static IDataset Create(LoadFlags flags) => s_datasets[Spelling(flags.DatasetName)](flags);

    /// <summary>Whether answers are as long as asked, whatever the model would do: the lengths of random prompts are the point of them.</summary>
    public static bool IgnoresEos(string name) => Spelling(name) is "random";

    private static string Spelling(string name) => name.Replace('-', '_');
}
