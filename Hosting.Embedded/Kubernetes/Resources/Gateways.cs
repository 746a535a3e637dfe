namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>Where traffic enters.</summary>
public sealed class GatewayV1() : BaseKubernetesResource("gateway.networking.k8s.io/v1", "Gateway")
{
    public GatewaySpecV1 Spec { get; set; } = new();
}

public sealed class GatewaySpecV1
{
    public string GatewayClassName { get; set; } = null!;

    public List<GatewayListenerV1> Listeners { get; } = [];
}

public sealed class GatewayListenerV1
{
    public string Name { get; set; } = null!;

    public string Protocol { get; set; } = null!;

    public int Port { get; set; }

    public GatewayAllowedRoutesV1? AllowedRoutes { get; set; }
}

public sealed class GatewayAllowedRoutesV1
{
    public GatewayRouteNamespacesV1? Namespaces { get; set; }
}

public sealed class GatewayRouteNamespacesV1
{
    public string From { get; set; } = "Same";
}
