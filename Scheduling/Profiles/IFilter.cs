using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Profiles;

/// <summary>Says which candidates may serve a request.</summary>
/// <remarks>Called on the request path: no I/O, no allocation. Shared by all requests, so it must be thread-safe.</remarks>
public interface IFilter
{
    /// <summary>Moves the candidates that stay to the front, in their order, and returns how many stay.</summary>
    int Keep(SchedulingContext context, Span<EngineEndpoint> candidates);
}
