using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Handlers;

/// <summary>Says whether a phase of a request is worth an endpoint of its own. Pure and thread-safe.</summary>
internal interface IDisaggregationDecider
{
    /// <param name="decode">Where the request decodes.</param>
    bool IsWorthwhile(SchedulingContext context, EngineEndpoint decode);

    /// <summary>What it measures prompts by, to explain its decisions; null when it does not look at their length.</summary>
    PrefillThreshold? Threshold => null;
}
