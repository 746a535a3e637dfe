using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Endpoints;

/// <summary>A worker as <c>/workers</c> shows it.</summary>
internal sealed record WorkerInfo(
    string Url, string ModelId, IReadOnlyList<string> Models, string WorkerType, bool IsHealthy, int Load, string ConnectionMode,
    int Priority, double Cost, bool Draining, string CircuitBreaker, bool Learned)
{
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
