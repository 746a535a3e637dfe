namespace LlmdAspire.EngineModel;

/// <summary>Adapters: how many different ones run at once, and which are wanted.</summary>
public sealed partial class Engine
{
    // How many sequences have blocks or a place for each adapter. Whoever copies has its blocks and will run next, so its adapter is taken.
    private readonly Dictionary<string, int> _adapters = [];

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

    /// <summary>Sequences that wait for a place or for blocks, and those whose turn is put off: their content is being copied, or their adapter has no slot.</summary>
    public (int Capacity, int Deferred) WaitingByReason
    {
        get
        {
            lock (_lock)
            {
                var blocked = _waiting.Count(sequence => !HasAdapterSlot(sequence));
                return (_waiting.Count - blocked, _copying.Count + _copied.Count + blocked);
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

        return _adapters.Count < _options.MaxAdapters ? first : _waiting.FirstOrDefault(HasAdapterSlot);
    }

    private bool HasAdapterSlot(Sequence sequence) =>
        sequence.LoraName is null || _adapters.Count < _options.MaxAdapters || _adapters.ContainsKey(sequence.LoraName);

    private void TakeAdapter(Sequence sequence)
    {
        if (sequence.LoraName is { } name)
        {
            _adapters[name] = _adapters.GetValueOrDefault(name) + 1;
        }
    }

    private void DropAdapter(Sequence sequence)
    {
        if (sequence.LoraName is { } name && --_adapters[name] == 0)
        {
            _ = _adapters.Remove(name);
        }
    }
}
