using System.Collections.Frozen;

namespace LlmdAspire.Bench.CommandLine;

/// <summary>Flags of <c>vllm bench serve</c> that change nothing here, so that an existing command line works unchanged. Any other unknown flag is refused.</summary>
internal static class MeaninglessFlags
{
    private static readonly FrozenSet<string> s_names = FrozenSet.Create(
        StringComparer.Ordinal,
        "trust-remote-code", "tokenizer-mode", "skip-tokenizer-init", "plot-dataset-stats", "timeline-itl-thresholds",
        "skip-chat-template", "enable-multimodal-chat", "no-reranker");

    // Of datasets that are not here; they are harmless until --dataset-name names one.
    private static readonly string[] s_datasets = ["sonnet-", "hf-", "spec-bench-", "speed-bench-", "blazedit-", "asr-", "random-mm-", "timed-trace-"];

    public static bool Contains(string option)
    {
        var name = option.TrimStart('-').Replace('_', '-');
        return s_names.Contains(name) || s_datasets.Any(dataset => name.StartsWith(dataset, StringComparison.Ordinal));
    }
}
