using LlmdAspire.Router.Requests;

namespace LlmdAspire.Router.Routing;

/// <summary>Finds out who plans a request.</summary>
/// <remarks>Shared by all requests; the planner it gives belongs to one.</remarks>
internal interface IRoutePlans
{
    /// <summary>Whether the workers listed are all there are, so that a model none of them serves is served nowhere.</summary>
    bool KnowsAllWorkers { get; }

    /// <returns>A planner, or what to tell the client.</returns>
    ValueTask<(ILegPlanner? Planner, RequestFailure? Refused)> PlanAsync(HttpContext context, Exchange exchange);
}
