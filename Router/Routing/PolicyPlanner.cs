using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Requests;
using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Routing;

/// <summary>Plans by the router's own policies.</summary>
internal sealed class PolicyPlanner(WorkerSelector selector, HttpContext context, Exchange exchange, bool wantsPrefill) : ILegPlanner
{
    public string Policy => selector.PolicyName;

    public bool WantsPrefill => wantsPrefill;

    public LegChoice ChoosePrefill(IReadOnlyList<Worker> tried) => selector.SelectPrefill(Request, tried);

    public LegChoice ChooseDecode(IReadOnlyList<Worker> tried, Worker? prefill) => selector.Select(Request, tried, prefill);

    private RoutingRequest Request => new(context.Request.Path.Value ?? "", exchange.Peek, context.Request.Headers, exchange.Body?.Bytes ?? default) { Held = exchange.Held };
}
