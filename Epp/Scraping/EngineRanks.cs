using System.Collections.Concurrent;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Epp.Scraping;

/// <summary>How many data-parallel ranks engines have, as their metrics tell; only of those that somebody asked for. Thread-safe.</summary>
internal sealed class EngineRanks
{
    // Null while asked for and not known.
    private readonly ConcurrentDictionary<EndpointId, int?> _counts = new();

    /// <summary>Raised after a number became known or another one.</summary>
    public event Action? Changed;

    /// <summary>How many ranks an engine has; null when that is not known yet.</summary>
    public int? AskOf(EndpointId engine) => _counts.GetOrAdd(engine, (int?)null);

    public bool IsAskedOf(EndpointId engine) => _counts.ContainsKey(engine);

    /// <summary>An engine said how many it has.</summary>
    public void Tell(EndpointId engine, int count)
    {
        if (_counts.TryGetValue(engine, out var known) && known != count && _counts.TryUpdate(engine, count, known))
        {
            Changed?.Invoke();
        }
    }

    /// <summary>An engine is gone; the next one at its address may be another.</summary>
    public void Forget(EndpointId engine) => _counts.TryRemove(engine, out _);
}
