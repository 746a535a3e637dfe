using LlmdAspire.Hosting.Kubernetes;

namespace LlmdAspire.AppHost.Publish;

/// <summary>What protects the engines: from drains of nodes, and from connections that are nobody's business.</summary>
internal static class PublishedPolicies
{
    public static void AddPolicies(this IDistributedApplicationBuilder builder, ClusterPlan plan)
    {
        List<PodDisruptionBudget> budgets = [BudgetOf(plan, plan.Names.Decode, "decode")];
        if (plan.Prefill is not null)
        {
            budgets.Add(BudgetOf(plan, plan.Names.Prefill, "prefill"));
        }

        builder.AddManifests("policies", [.. budgets, EngineAccessOf(plan)]);
    }

    private static PodDisruptionBudget BudgetOf(ClusterPlan plan, string name, string role) => new()
    {
        Metadata = { Name = name },
        Spec = { Selector = { MatchLabels = EngineLabels.OfRole(plan.Names, role) }, MaxUnavailable = 1 },
    };

    // Requests and metrics from anywhere, since gateways and Prometheus live in namespaces of their own; KV transfers, and what the pods of one engine tell each other, only between the engines.
    private static NetworkPolicy EngineAccessOf(ClusterPlan plan)
    {
        var ports = new[] { ClusterPlan.ServingPort, plan.DecodePort }.Distinct().Select(port => new NetworkPort(port));
        var policy = new NetworkPolicy { Metadata = { Name = plan.Names.ModelService }, Spec = { PodSelector = { MatchLabels = EngineLabels.OfModel(plan.Names) } } };
        var requests = new IngressRule();
        requests.Ports.AddRange(ports);
        policy.Spec.Ingress.Add(requests);
        policy.Spec.Ingress.Add(new() { From = { new(new(EngineLabels.OfModel(plan.Names))) } });
        return policy;
    }
}
