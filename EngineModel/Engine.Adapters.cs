namespace LlmdAspire.EngineModel;

/// <summary>Adapters: how many different ones run at once, and which are wanted.</summary>
public sealed partial class Engine
{
    /// <summary>The adapters of the sequences that run and of those that wait, each named once.</summary>
    public (IReadOnlyList<string> Running, IReadOnlyList<string> Waiting) Adapters
    {
        get
        {
            lock (_lock)
            {
                return (AdaptersOf(_running), AdaptersOf(_waiting));
            }
        }
    }

    private static List<string> AdaptersOf(IEnumerable<Sequence> sequences) =>
        [.. sequences.Select(sequence => sequence.LoraName).OfType<string>().Distinct()];

    /// <summary>Who has waited longest among those whose adapter runs already or may begin to; null for nobody.</summary>
    private Sequence? FirstWithAdapterSlot()
    {
        if (_waiting.First?.Value is not { LoraName: not null } first)
        {
            return _waiting.First?.Value;
        }

        // Whoever copies has its blocks and will run next, so its adapter is taken.
        var running = AdaptersOf(_running.Concat(_copying).Concat(_copied));
        return running.Count < _options.MaxAdapters ? first
            : _waiting.FirstOrDefault(sequence => sequence.LoraName is null || running.Contains(sequence.LoraName));
    }
}
