using LlmdAspire.Scheduling.Endpoints;

namespace LlmdAspire.Epp.Endpoints;

/// <summary>The endpoints there are. Readers take a snapshot once per request and keep it.</summary>
/// <remarks>Reading takes no lock. An endpoint that stays keeps its object, and with it its load and what is in flight; a new one gets the lowest free slot.</remarks>
internal sealed class EndpointPool
{
    private readonly Lock _writing = new();
    private volatile EngineEndpoint[] _all = [];
    private volatile EngineEndpoint[] _ready = [];

    public EngineEndpoint[] All => _all;

    /// <summary>Those that answer, as far as is known.</summary>
    public EngineEndpoint[] Ready => _ready;

    /// <summary>Raised after endpoints came or went.</summary>
    public event Action? Changed;

    /// <summary>Makes these the endpoints; each id stands there once.</summary>
    /// <returns>Whether that changed anything.</returns>
    public bool Set(IReadOnlyCollection<EndpointDeclaration> declared)
    {
        lock (_writing)
        {
            var next = Merge(declared);
            if (next.SequenceEqual(_all))
            {
                return false;
            }

            _all = next;
            _ready = [.. next.Where(endpoint => !endpoint.IsAway)];
        }

        Changed?.Invoke();
        return true;
    }

    private EngineEndpoint[] Merge(IReadOnlyCollection<EndpointDeclaration> declared)
    {
        var known = _all.ToDictionary(endpoint => endpoint.Id);
        var kept = declared.Select(declaration => known.GetValueOrDefault(declaration.Id) is { } endpoint && LabelSet.AreSame(endpoint.Labels, declaration.Labels) ? endpoint : null).ToList();
        var taken = kept.OfType<EngineEndpoint>().Select(endpoint => endpoint.Slot).ToHashSet();
        var slot = 0;
        return [.. declared.Zip(kept, (declaration, endpoint) => endpoint ?? new EngineEndpoint(declaration.Id, declaration.Labels, NextSlot()) { IsAway = declaration.IsAwaited })];

        int NextSlot()
        {
            while (!taken.Add(slot))
            {
                slot++;
            }

            return slot;
        }
    }

    /// <summary>Takes an endpoint out of the choice or back into it.</summary>
    public void SetAway(EngineEndpoint endpoint, bool isAway)
    {
        if (endpoint.IsAway == isAway)
        {
            return;
        }

        lock (_writing)
        {
            endpoint.IsAway = isAway;
            _ready = [.. _all.Where(candidate => !candidate.IsAway)];
        }
    }
}
