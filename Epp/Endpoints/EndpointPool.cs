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

    /// <summary>Makes these the endpoints.</summary>
    public void Set(IReadOnlyCollection<EndpointDeclaration> declared)
    {
        lock (_writing)
        {
            var kept = _all
                .Where(endpoint => declared.Contains(new EndpointDeclaration(endpoint.Id, endpoint.Labels)))
                .ToDictionary(endpoint => endpoint.Id);
            var taken = kept.Values.Select(endpoint => endpoint.Slot).ToHashSet();
            var slot = 0;
            var next = new List<EngineEndpoint>(declared.Count);
            foreach (var declaration in declared)
            {
                if (!kept.TryGetValue(declaration.Id, out var endpoint))
                {
                    while (!taken.Add(slot))
                    {
                        slot++;
                    }

                    endpoint = new EngineEndpoint(declaration.Id, declaration.Labels, slot);
                }

                next.Add(endpoint);
            }

            _all = [.. next];
            _ready = [.. next.Where(endpoint => !endpoint.IsAway)];
        }

        Changed?.Invoke();
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
