namespace LlmdAspire.KvIndexer.Events;

/// <summary>Which KV-cache groups of a hybrid model tell of whole prefixes: those with full attention.</summary>
/// <remarks>An engine names a group's kind in some events only; it is remembered. Not thread-safe.</remarks>
internal sealed class GroupKinds
{
    // Models have a handful of groups; more would be garbage.
    private const int MaxGroups = 64;

    private readonly Dictionary<int, bool> _counts = [];

    /// <summary>Whether events of a group count.</summary>
    /// <param name="group">Null from engines before vLLM 0.20.</param>
    /// <param name="kind">UTF-8; empty where the event says none, as in vLLM 0.20 and 0.21.</param>
    public bool Counts(int? group, ReadOnlySpan<byte> kind)
    {
        var known = kind.IsEmpty ? (bool?)null : IsFullAttention(kind);
        if (group is not { } number)
        {
            return known ?? true;
        }

        if (known is { } counts && (_counts.ContainsKey(number) || _counts.Count < MaxGroups))
        {
            _counts[number] = counts;
        }

        return known ?? _counts.GetValueOrDefault(number, true);
    }

    private static bool IsFullAttention(ReadOnlySpan<byte> kind) =>
        kind.SequenceEqual("full_attention"u8) || kind.SequenceEqual("mla_attention"u8) || kind.SequenceEqual("sink_full_attention"u8);
}
