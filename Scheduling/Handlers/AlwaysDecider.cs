using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Handlers;

/// <summary>Every request prefills elsewhere.</summary>
internal sealed class AlwaysDecider : IDisaggregationDecider
{
    public bool IsWorthwhile(SchedulingContext context, EngineEndpoint decode) => true;
}
