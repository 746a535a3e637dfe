using System.Collections.Concurrent;

namespace LlmdAspire.Epp;

/// <summary>Values of a label that clients choose: the first thousand are told apart, so that nobody can fill the memory with series.</summary>
internal sealed class LabelValues
{
    // As many as llm-d's picker keeps.
    private const int Most = 1000;

    // No name of a model is longer, and what is kept is kept for good.
    private const int LongestText = 256;

    private readonly ConcurrentDictionary<string, string> _known = new(StringComparer.Ordinal);
    private int _count;

    public string Known(string value)
    {
        if (_known.TryGetValue(value, out var known))
        {
            return known;
        }

        // Counting takes no look at every bucket; a few more than the most may get in at the same time.
        if (value.Length > LongestText || Volatile.Read(ref _count) >= Most)
        {
            return "other";
        }

        if (_known.TryAdd(value, value))
        {
            _ = Interlocked.Increment(ref _count);
        }

        return value;
    }
}
