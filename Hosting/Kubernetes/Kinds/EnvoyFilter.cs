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
/// <param name="applyTo">What is changed: <c>HTTP_FILTER</c>, <c>HTTP_ROUTE</c>, <c>CLUSTER</c>.</param>
/// <param name="match">Where.</param>
/// <param name="patch">How.</param>
public sealed class EnvoyConfigPatch(string applyTo, EnvoyMatch match, EnvoyPatch patch)
{
    public string ApplyTo { get; } = applyTo;

    public EnvoyMatch Match { get; } = match;

    public EnvoyPatch Patch { get; } = patch;
}

/// <summary>A place in a proxy's configuration; at most one of the two is set.</summary>
/// <param name="context"><c>GATEWAY</c> for gateways.</param>
/// <param name="listener">A filter of a listener.</param>
/// <param name="routeConfiguration">A route.</param>
public sealed class EnvoyMatch(string context, ListenerMatch? listener = null, RouteConfigurationMatch? routeConfiguration = null)
{
    public string Context { get; } = context;

    public ListenerMatch? Listener { get; } = listener;

    public RouteConfigurationMatch? RouteConfiguration { get; } = routeConfiguration;

    /// <summary>The end of the HTTP filters, where requests are routed.</summary>
    public static EnvoyMatch BeforeRouter() => new("GATEWAY", listener: new(new(new("envoy.filters.network.http_connection_manager", new("envoy.filters.http.router")))));

    /// <summary>Every route.</summary>
    public static EnvoyMatch AnyRoute() => new("GATEWAY", routeConfiguration: new(new(new("ANY"))));
}

/// <summary>A listener by one of its filters.</summary>
public sealed class ListenerMatch(FilterChainMatch filterChain)
{
    public FilterChainMatch FilterChain { get; } = filterChain;
}

/// <summary>A chain by one of its filters.</summary>
public sealed class FilterChainMatch(FilterMatch filter)
{
    public FilterMatch Filter { get; } = filter;
}

/// <summary>A filter, and one within it.</summary>
public sealed class FilterMatch(string name, SubFilterMatch subFilter)
{
    public string Name { get; } = name;

    public SubFilterMatch SubFilter { get; } = subFilter;
}

/// <summary>A filter within another.</summary>
public sealed class SubFilterMatch(string name)
{
    public string Name { get; } = name;
}

/// <summary>Routes by their virtual host.</summary>
public sealed class RouteConfigurationMatch(VirtualHostMatch vhost)
{
    public VirtualHostMatch Vhost { get; } = vhost;
}

/// <summary>A virtual host by one of its routes.</summary>
public sealed class VirtualHostMatch(RouteMatch route)
{
    public RouteMatch Route { get; } = route;
}

/// <summary>Routes by what they do.</summary>
public sealed class RouteMatch(string action)
{
    public string Action { get; } = action;
}

/// <summary>The change: <c>ADD</c>, <c>INSERT_BEFORE</c>, <c>INSERT_FIRST</c>, and Envoy's own configuration, by its field names.</summary>
public sealed class EnvoyPatch(string operation, Dictionary<string, object?> value)
{
    public string Operation { get; } = operation;

    public Dictionary<string, object?> Value { get; } = value;
}
