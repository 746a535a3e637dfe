using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Kubernetes;

/// <summary>Changes to the configuration that Istio gives its proxies.</summary>
public sealed class EnvoyFilter() : BaseKubernetesResource("networking.istio.io/v1alpha3", "EnvoyFilter")
{
    public EnvoyFilterSpec Spec { get; } = new();
}

/// <summary>Of which proxies, and what changes.</summary>
public sealed class EnvoyFilterSpec
{
    public WorkloadSelector WorkloadSelector { get; } = new();

    public List<EnvoyConfigPatch> ConfigPatches { get; } = [];
}

/// <summary>Proxies by the labels of their pods.</summary>
public sealed class WorkloadSelector
{
    public Dictionary<string, string> Labels { get; } = [];
}

/// <summary>One change.</summary>
/// <param name="ApplyTo">What is changed: <c>HTTP_FILTER</c>, <c>HTTP_ROUTE</c>, <c>CLUSTER</c>.</param>
/// <param name="Match">Where.</param>
/// <param name="Patch">How.</param>
public sealed record EnvoyConfigPatch(string ApplyTo, EnvoyMatch Match, EnvoyPatch Patch);

/// <summary>A place in a proxy's configuration; at most one of the two is set.</summary>
/// <param name="Context"><c>GATEWAY</c> for gateways.</param>
/// <param name="Listener">A filter of a listener.</param>
/// <param name="RouteConfiguration">A route.</param>
public sealed record EnvoyMatch(string Context, ListenerMatch? Listener = null, RouteConfigurationMatch? RouteConfiguration = null)
{
    /// <summary>The end of the HTTP filters, where requests are routed.</summary>
    public static EnvoyMatch BeforeRouter() => new("GATEWAY", Listener: new(new(new("envoy.filters.network.http_connection_manager", new("envoy.filters.http.router")))));

    /// <summary>Every route.</summary>
    public static EnvoyMatch AnyRoute() => new("GATEWAY", RouteConfiguration: new(new(new("ANY"))));
}

/// <summary>A listener by one of its filters.</summary>
public sealed record ListenerMatch(FilterChainMatch FilterChain);

/// <summary>A chain by one of its filters.</summary>
public sealed record FilterChainMatch(FilterMatch Filter);

/// <summary>A filter, and one within it.</summary>
public sealed record FilterMatch(string Name, SubFilterMatch SubFilter);

/// <summary>A filter within another.</summary>
public sealed record SubFilterMatch(string Name);

/// <summary>Routes by their virtual host.</summary>
public sealed record RouteConfigurationMatch(VirtualHostMatch Vhost);

/// <summary>A virtual host by one of its routes.</summary>
public sealed record VirtualHostMatch(RouteMatch Route);

/// <summary>Routes by what they do.</summary>
public sealed record RouteMatch(string Action);

/// <summary>The change: <c>ADD</c>, <c>INSERT_BEFORE</c>, <c>INSERT_FIRST</c>, and Envoy's own configuration, by its field names.</summary>
public sealed record EnvoyPatch(string Operation, Dictionary<string, object?> Value);
