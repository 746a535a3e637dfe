using Aspire.Hosting.Kubernetes.Resources;
using LlmdAspire.Hosting.Kubernetes;

namespace LlmdAspire.AppHost.Publish;

/// <summary>The way into a cluster: gateway, route, pool, and what each provider wants beside them.</summary>
internal static class PublishedRouting
{
    public const string RequestTimeout = "300s";
    private const int RequestTimeoutSeconds = 300;

    public static void AddRouting(this IDistributedApplicationBuilder builder, ClusterPlan plan)
    {
        List<BaseKubernetesResource> manifests = [RouteOf(plan)];
        manifests.AddRange(plan.AttachesByFilter ? PublishedEnvoyFilter.Of(plan) : [PoolOf(plan)]);
        manifests.AddRange(plan.Objectives.Select(objective => ObjectiveOf(plan, objective.Key, objective.Value)));
        if (plan.ExistingGateway is null)
        {
            manifests.AddRange(GatewayOf(plan));
        }

        if (plan.Gateway.IsIstio())
        {
            manifests.Add(PickerDestinationOf(plan));
        }
        else if (plan.Gateway == GatewayProvider.Gke)
        {
            manifests.AddRange(GkePoliciesOf(plan));
        }

        builder.AddManifests("routing", manifests);
    }

    /// <summary>DNS name of a Service where the chart is installed.</summary>
    public static string HostOf(string service) => $"{service}.{{{{ .Release.Namespace }}}}.svc.cluster.local";

    private static BaseKubernetesResource PoolOf(ClusterPlan plan) => plan.PoolVersion == PoolVersion.V1 ? PoolV1Of(plan) : AlphaPoolOf(plan);

    private static InferencePool PoolV1Of(ClusterPlan plan)
    {
        var pool = new InferencePool { Metadata = { Name = plan.Names.Pool } };
        foreach (var (key, value) in EngineLabels.OfPool(plan.Names))
        {
            pool.Spec.Selector.MatchLabels[key] = value;
        }

        pool.Spec.TargetPorts.Add(new(ClusterPlan.ServingPort));
        pool.Spec.EndpointPickerRef.Name = plan.Names.Picker;
        pool.Spec.EndpointPickerRef.Port = new(PublishedPicker.GrpcPort);
        return pool;
    }

    private static AlphaInferencePool AlphaPoolOf(ClusterPlan plan)
    {
        var pool = new AlphaInferencePool { Metadata = { Name = plan.Names.Pool }, Spec = { TargetPortNumber = ClusterPlan.ServingPort } };
        foreach (var (key, value) in EngineLabels.OfPool(plan.Names))
        {
            pool.Spec.Selector[key] = value;
        }

        pool.Spec.ExtensionRef.Name = plan.Names.Picker;
        pool.Spec.ExtensionRef.PortNumber = PublishedPicker.GrpcPort;
        return pool;
    }

    // By the name that requests carry: the one name that no postfix is put into.
    private static InferenceObjective ObjectiveOf(ClusterPlan plan, string name, int priority) => new(plan.PoolVersion.ObjectiveGroup())
    {
        Metadata = { Name = name },
        Spec = { PoolRef = PoolReference(plan), Priority = priority },
    };

    private static ObjectReference PoolReference(ClusterPlan plan) => new(plan.PoolVersion.Group(), "InferencePool", plan.Names.Pool);

    private static InferenceRoute RouteOf(ClusterPlan plan)
    {
        var route = new InferenceRoute { Metadata = { Name = plan.Names.Route } };
        route.Spec.ParentRefs.Add(new(InferenceGateway.Group, "Gateway", plan.ExistingGateway ?? plan.Names.Gateway));
        if (plan.AttachesByFilter)
        {
            // The seed's own: the gateway's name within the cluster; and localhost, for who forwards a port.
            route.Spec.Hostnames.AddRange([plan.Door.Host, "localhost"]);
        }

        route.Spec.Rules.Add(new()
        {
            Matches = { new() { Path = new() { Type = "PathPrefix", Value = "/" } } },
            BackendRefs =
            {
                plan.AttachesByFilter
                    ? new("", "Service", plan.Names.Decode, ClusterPlan.ServingPort, weight: 1)
                    : new(plan.PoolVersion.Group(), "InferencePool", plan.Names.Pool, weight: 1),
            },
            // GKE's controller refuses timeouts of routes; a policy of the backend has them there.
            Timeouts = plan.Gateway == GatewayProvider.Gke ? null : new(RequestTimeout),
        });
        return route;
    }

    private static IEnumerable<BaseKubernetesResource> GatewayOf(ClusterPlan plan)
    {
        var gateway = new InferenceGateway { Metadata = { Name = plan.Names.Gateway }, Spec = { GatewayClassName = plan.Gateway.ClassName() } };
        gateway.Spec.Listeners.Add(new() { Name = "http", Protocol = "HTTP", Port = ClusterPlan.GatewayPort, AllowedRoutes = new() { Namespaces = new() { From = "Same" } } });
        yield return gateway;

        if (plan.Gateway.IsIstio())
        {
            IstioGatewayParameters.Mark(gateway.Metadata, plan);
            var parameters = IstioGatewayParameters.Of(plan);
            gateway.Spec.Infrastructure = new()
            {
                ParametersRef = { ["group"] = "", ["kind"] = "ConfigMap", ["name"] = parameters.Metadata.Name },
            };
            yield return parameters;
        }
    }

    // The picker signs its certificate itself.
    private static DestinationRule PickerDestinationOf(ClusterPlan plan)
    {
        var rule = new DestinationRule { Metadata = { Name = $"{plan.Names.Picker}-tls" } };
        rule.Spec.Host = HostOf(plan.Names.Picker);
        rule.Spec.TrafficPolicy.Tls = new("SIMPLE", insecureSkipVerify: true);
        if (plan.Gateway == GatewayProvider.IstioBench)
        {
            rule.Spec.TrafficPolicy.ConnectionPool = new(new(256000, "1800s", "900s"), new(256000, 256000, 256000, "900s"));
        }

        return rule;
    }

    private static IEnumerable<BaseKubernetesResource> GkePoliciesOf(ClusterPlan plan)
    {
        yield return new HealthCheckPolicy
        {
            Metadata = { Name = $"{plan.Names.Pool}-health" },
            Spec =
            {
                Default = new(timeoutSec: 2, checkIntervalSec: 2, new("HTTP", new("/health", ClusterPlan.ServingPort))),
                TargetRef = PoolReference(plan),
            },
        };
        yield return new GcpBackendPolicy
        {
            Metadata = { Name = $"{plan.Names.Pool}-backend" },
            Spec =
            {
                Default = new(RequestTimeoutSeconds, new(enabled: true)),
                TargetRef = PoolReference(plan),
            },
        };
    }
}
