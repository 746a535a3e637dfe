using LlmdAspire.Router.Disaggregation;
using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Indexer;
using LlmdAspire.Router.Picker;
using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Policies.Prefixes;
using LlmdAspire.Router.Requests;
using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Routing;

/// <summary>Finds out who plans a request: the endpoint picker where there is one, else the router's policies.</summary>
internal sealed class RoutePlans(
    WorkerPool pool, WorkerSelector selector, RoutingPolicies policies, DisaggregationOptions disaggregation, ForwardingOptions forwarding,
    PickerClient? picker = null, PrefixLookup? lookup = null)
    : IRoutePlans
{
    // Asked only where a policy that decides wants to know.
    private readonly PrefixLookup? _lookup = policies.Serving is KvAwarePolicy || (disaggregation.Enabled && policies.Prefill is KvAwarePolicy) ? lookup : null;

    /// <summary>Whether an endpoint picker knows the endpoints, so that the list of workers need not be complete.</summary>
    public bool HasPicker => picker is not null;

    // A picker may rewrite names, and knows engines that are not listed here.
    public bool KnowsAllWorkers => !HasPicker;

    public ValueTask<(ILegPlanner? Planner, RequestFailure? Refused)> PlanAsync(HttpContext context, Exchange exchange)
    {
        var path = context.Request.Path.Value ?? "";
        var maySplit = TwoStages.MaySplit(path, exchange, forwarding.TrustClientKvParams);
        if (picker is not null && IsForThePicker(exchange))
        {
            return AskAsync(context, exchange, path, maySplit);
        }

        var planner = new PolicyPlanner(selector, context, exchange, disaggregation.Enabled && maySplit);
        return _lookup is null ? new((planner, null)) : PlanAfterLookupAsync(context, exchange, planner);
    }

    /// <summary>Asks the KvIndexer about the prompt, where a policy wants to know.</summary>
    public async ValueTask LookUpAsync(HttpContext context, Exchange exchange)
    {
        if (_lookup is not null && exchange.Body is { } body)
        {
            exchange.Held = await _lookup.FindAsync(exchange.Peek, body.Bytes, context.RequestAborted);
        }
    }

    /// <summary>Asks the picker even though nothing will be sent.</summary>
    public async ValueTask<(ILegPlanner? Planner, RequestFailure? Refused)> AskAsync(HttpContext context, Exchange exchange, string path, bool maySplit)
    {
        var outcome = await picker!.AskAsync(context, exchange, path);
        if (outcome.Refused is not null)
        {
            return (null, outcome.Refused);
        }

        var reason = outcome.Failed;
        if (outcome.Pick is { } pick)
        {
            exchange.Pick = pick;
            var planner = new PickedPlanner(pool, selector, exchange, pick, picker.Options.Address.Authority, maySplit);
            if (planner.IsUsable)
            {
                return (planner, null);
            }

            reason = "its answer names no endpoint HOST:PORT";
        }

        return picker.Options.FailOpen
            ? (new FailOpenPlanner(selector, exchange, reason!), null)
            : (null, new("picker_away", OpenAiError.OfStatus(503, "The endpoint picker gave no answer, and --epp-failure-mode is close.")));
    }

    private async ValueTask<(ILegPlanner? Planner, RequestFailure? Refused)> PlanAfterLookupAsync(HttpContext context, Exchange exchange, ILegPlanner planner)
    {
        await LookUpAsync(context, exchange);
        return (planner, null);
    }

    // Inference is the picker's; other paths any engine can answer, and only where none is known the picker has to name one.
    private bool IsForThePicker(Exchange exchange)
    {
        if (exchange.Rules.RequiresJson)
        {
            return true;
        }

        return !exchange.Rules.AskEveryWorker && EligibleWorkers.Of(pool.Current.Endpoints, exchange.Peek.Model, WorkerRole.Decode).Length == 0;
    }
}
