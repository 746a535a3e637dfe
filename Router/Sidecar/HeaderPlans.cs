using LlmdAspire.Router.Disaggregation;
using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Requests;
using LlmdAspire.Router.Routing;
using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Sidecar;

/// <summary>Plans by the route that stands in a request's headers.</summary>
internal sealed class HeaderPlans(WorkerPool pool, LocalEngine engine, ForwardingOptions forwarding) : IRoutePlans
{
    public bool KnowsAllWorkers => false;

    public ValueTask<(ILegPlanner? Planner, RequestFailure? Refused)> PlanAsync(HttpContext context, Exchange exchange)
    {
        var route = context.Features.Get<RequestRoute>() ?? RequestRoute.Plain;
        var maySplit = TwoStages.MaySplit(context.Request.Path.Value ?? "", exchange, forwarding.TrustClientKvParams);
        var planner = new HeaderPlanner(
            pool,
            pool.Learn(engine.Of(route.Rank), WorkerRole.Decode),
            maySplit ? [.. route.Prefillers.Select(id => pool.Learn(id, WorkerRole.Prefill))] : []);
        return new((planner, null));
    }
}
