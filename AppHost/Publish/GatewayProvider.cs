namespace LlmdAspire.AppHost.Publish;

/// <summary>Who serves the gateway of a cluster, by the seeds' names.</summary>
internal enum GatewayProvider
{
    Istio,

    /// <summary>Istio with a larger, quieter gateway, for benchmarks.</summary>
    IstioBench,
    Kgateway,
    Gke,
    Aks,
    Xpu,

    /// <summary>No gateway: the stack's own router stands in front.</summary>
    None,
}

/// <summary>In what the providers differ.</summary>
internal static class GatewayProviders
{
    /// <summary>By the spelling of the option.</summary>
    public static IReadOnlyDictionary<string, GatewayProvider> ByName { get; } = new Dictionary<string, GatewayProvider>
    {
        ["istio"] = GatewayProvider.Istio,
        ["istioBench"] = GatewayProvider.IstioBench,
        ["kgateway"] = GatewayProvider.Kgateway,
        ["gke"] = GatewayProvider.Gke,
        ["aks"] = GatewayProvider.Aks,
        ["xpu"] = GatewayProvider.Xpu,
        ["none"] = GatewayProvider.None,
    };

    /// <summary>Class of the Gateway.</summary>
    public static string ClassName(this GatewayProvider provider) => provider switch
    {
        GatewayProvider.Kgateway => "kgateway",
        GatewayProvider.Gke => "gke-l7-regional-external-managed",
        GatewayProvider.None => throw new InvalidOperationException("Without a gateway there is no class."),
        _ => "istio",
    };

    /// <summary>Whether Istio's proxies and objects are there; AKS and XPU clusters use them too.</summary>
    public static bool IsIstio(this GatewayProvider provider) =>
        provider is GatewayProvider.Istio or GatewayProvider.IstioBench or GatewayProvider.Aks or GatewayProvider.Xpu;

    /// <summary>Whether the picker speaks TLS: Istio and GKE insist on it, the others speak plain HTTP/2.</summary>
    public static bool HasSecurePicker(this GatewayProvider provider) => provider.IsIstio() || provider == GatewayProvider.Gke;
}
