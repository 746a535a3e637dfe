using System.Text.Json.Serialization;
using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Router.Endpoints;

/// <summary>A worker as <c>/workers</c> shows it.</summary>
internal sealed record WorkerInfo(
    string Url, string ModelId, IReadOnlyList<string> Models, string WorkerType, bool IsHealthy, int Load, string ConnectionMode,
    int Priority, double Cost, bool Draining, string CircuitBreaker, bool Learned)
{
    /// <summary>The ranks of an engine asked for without one; absent otherwise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<WorkerInfo>? Ranks { get; init; }

    /// <summary>What one id stands for: a worker, or an engine with its ranks, whose load they add up to and which is as well as the worst of them.</summary>
    /// <returns>Null when it stands for nobody.</returns>
    public static WorkerInfo? Of(EndpointId id, IReadOnlyList<Worker> workers)
    {
        if (workers is [])
        {
            return null;
        }

        WorkerInfo[] ranks = [.. workers.Select(Of)];
        return workers is [var only] && only.Id == id ? ranks[0] : ranks[0] with
        {
            Url = id.ToString(),
            IsHealthy = ranks.All(rank => rank.IsHealthy),
            Load = ranks.Sum(rank => rank.Load),
            Draining = ranks.All(rank => rank.Draining),
            CircuitBreaker = Array.Find(ranks, rank => rank.CircuitBreaker == "open")?.CircuitBreaker
                ?? Array.Find(ranks, rank => rank.CircuitBreaker == "half_open")?.CircuitBreaker
                ?? "closed",
            Ranks = ranks,
        };
    }

    public static WorkerInfo Of(Worker worker) => new(
        worker.Name,
        worker.Models is [var first, ..] ? first : "unknown",
        worker.Models ?? [],
        worker.Role switch
        {
            WorkerRole.Prefill => "prefill",
            WorkerRole.Decode => "decode",
            _ => "regular",
        },
        worker.Health == WorkerHealth.Healthy,
        worker.InFlight,
        "http",
        // vllm-router's defaults; no policy here weighs them.
        50,
        1.0,
        worker.Draining,
        worker.Breaker.State switch
        {
            BreakerState.Closed => "closed",
            BreakerState.Open => "open",
            _ => "half_open",
        },
        worker.Learned);
}

internal sealed record WorkerList(IReadOnlyList<WorkerInfo> Workers, int Total, WorkerStats Stats);

internal sealed record WorkerStats(int PrefillCount, int DecodeCount, int RegularCount);
