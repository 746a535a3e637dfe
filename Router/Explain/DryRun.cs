using LlmdAspire.Router.Bodies;
using LlmdAspire.Router.Disaggregation;
using LlmdAspire.Router.Endpoints;
using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Requests;
using LlmdAspire.Router.Routing;
using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Explain;

/// <summary>Decides for a request that is not sent.</summary>
/// <remarks>The router's own policies are looked at without being moved on; a picker is asked and told that the request broke off.</remarks>
internal sealed class DryRun(RoutePlans plans, WorkerSelector selector, DisaggregationOptions disaggregation, ForwardingOptions forwarding, TimeProvider time)
{
    private static readonly RouteRules s_rules = new("/explain") { RequiresJson = true };

    /// <returns>The decision, or what the client would be told instead.</returns>
    /// <param name="body">Belongs to this call.</param>
    public async ValueTask<(Decision? Decision, OpenAiError? Refused)> DecideAsync(HttpContext context, BufferedBody body, RequestPeek peek)
    {
        using var exchange = new Exchange("", s_rules, time) { Body = body, Peek = peek };
        var path = peek.PromptKind == PromptKind.Messages ? "/v1/chat/completions" : "/v1/completions";
        var maySplit = TwoStages.MaySplit(path, exchange, forwarding.TrustClientKvParams) && PrefillBody.EditsFor(body.Bytes, path) is not null;
        if (!plans.HasPicker)
        {
            await plans.LookUpAsync(context, exchange);
            var request = new RoutingRequest(path, peek, context.Request.Headers, body.Bytes) { Held = exchange.Held };
            return (Preview(request, disaggregation.Enabled && maySplit), null);
        }

        var (planner, refused) = await plans.AskAsync(context, exchange, path, maySplit);
        if (planner is null)
        {
            return (null, refused!.Value.Error);
        }

        var prefill = planner.WantsPrefill ? planner.ChoosePrefill([]) : null;
        return (selector.Explain("", planner.Policy, planner.ChooseDecode([], prefill?.Worker), prefill, attempt: 1), null);
    }

    private Decision Preview(in RoutingRequest request, bool split)
    {
        var prefill = split ? selector.SelectPrefill(request, [], preview: true) : null;
        var decode = selector.Select(request, [], prefill?.Worker, preview: true);
        return selector.Explain("", selector.PolicyName, decode, prefill, attempt: 1);
    }
}
