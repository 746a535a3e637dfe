using System.Collections.Concurrent;
using LlmdAspire.Router.Workers;
using LlmdAspire.ServiceDefaults.Draining;

namespace LlmdAspire.Router.Requests;

/// <summary>The requests that are running, so that an operator can end them.</summary>
internal sealed class InFlightRequests
{
    /// <summary>Why requests are cut that outlive the router's own drain.</summary>
    public const string Stopping = "the router stops and --drain-timeout has passed";

    private readonly ConcurrentDictionary<Exchange, bool> _running = new();

    public InFlightRequests(DrainDeadline deadline) => deadline.Passed += () => Cut(_ => true, Stopping);

    public int Count => _running.Count;

    public void Add(Exchange exchange) => _running[exchange] = true;

    public void Remove(Exchange exchange) => _running.TryRemove(exchange, out _);

    /// <summary>Cuts requests with this id that the predicate allows; ids come from clients, so there may be several.</summary>
    /// <returns>How many were cut.</returns>
    public int Cut(string requestId, Func<Exchange, bool> allowed, string reason) =>
        Cut(exchange => exchange.RequestId == requestId && allowed(exchange), reason);

    /// <summary>Cuts what runs on a worker.</summary>
    public int Cut(Worker worker, string reason) => Cut(exchange => exchange.Worker == worker, reason);

    private int Cut(Func<Exchange, bool> wanted, string reason)
    {
        var count = 0;
        foreach (var (exchange, _) in _running)
        {
            if (wanted(exchange))
            {
                exchange.Cut(reason);
                count++;
            }
        }

        return count;
    }
}
