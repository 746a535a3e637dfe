using System.Globalization;
using LlmdAspire.Router.Picker;
using LlmdAspire.Router.Requests;
using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Router.Routing;

/// <summary>Plans by an endpoint picker's decision: its endpoints in its order, and when they fail the least-loaded of those known.</summary>
internal sealed class PickedPlanner(WorkerPool pool, WorkerSelector selector, Exchange exchange, Pick pick, string picker, bool maySplit) : ILegPlanner
{
    private readonly List<Worker> _destinations = WorkersOf(pool, pick.Headers.Destinations, pick.Headers.DestinationRank, WorkerRole.Regular);
    private readonly List<Worker> _prefillers = WorkersOf(pool, pick.Headers.Prefillers, pick.Headers.PrefillerRank, WorkerRole.Prefill);

    public string Policy => "epp";

    /// <summary>A picker that names the destination itself as prefiller wants one engine to do both.</summary>
    public bool WantsPrefill => maySplit && _prefillers.Count > 0 && (_destinations.Count == 0 || _prefillers[0].Id != _destinations[0].Id);

    /// <summary>Whether the answer names any endpoint that can be understood.</summary>
    public bool IsUsable => _destinations.Count > 0;

    public LegChoice ChoosePrefill(IReadOnlyList<Worker> tried) => Choose(_prefillers, tried, WorkerRole.Prefill);

    public LegChoice ChooseDecode(IReadOnlyList<Worker> tried, Worker? prefill) => Choose(_destinations, tried, WorkerRole.Decode);

    private LegChoice Choose(List<Worker> named, IReadOnlyList<Worker> tried, WorkerRole duty)
    {
        var next = named.Find(worker => !worker.Draining && !tried.Contains(worker));
        if (next is null)
        {
            var other = selector.SelectLeastLoaded(exchange.Peek.Model, duty, tried);
            if (other.Worker is not null && !tried.Contains(other.Worker))
            {
                return other with { Scores = pick.Scores, Reason = $"the endpoint that the picker at {picker} chose did not serve; {other.Reason}" };
            }
        }

        return new(next ?? named[tried.Count % named.Count], pool.Current, [.. named], $"chosen by the endpoint picker at {picker}") { Scores = pick.Scores };
    }

    private static List<Worker> WorkersOf(WorkerPool pool, string? endpoints, string? rank, WorkerRole role)
    {
        List<Worker> workers = [];
        foreach (var text in (endpoints ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!EndpointId.TryParse(text, out var id, out _))
            {
                continue;
            }

            if (int.TryParse(rank, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                id = id.WithRank(number);
            }

            workers.Add(pool.Learn(id, role));
        }

        return workers;
    }
}
