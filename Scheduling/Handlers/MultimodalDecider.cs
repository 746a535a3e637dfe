using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Handlers;

/// <summary>Requests with an image, video or audio part encode elsewhere.</summary>
internal sealed class MultimodalDecider : IDisaggregationDecider
{
    public bool IsWorthwhile(SchedulingContext context, EngineEndpoint decode) => context.Request.IsMultimodal();
}
