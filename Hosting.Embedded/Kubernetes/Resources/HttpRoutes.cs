namespace Aspire.Hosting.Kubernetes.Resources;

/// <summary>Which requests of a gateway go to which Service.</summary>
public sealed class HttpRouteV1() : BaseKubernetesResource("gateway.networking.k8s.io/v1", "HTTPRoute")
{
    public HttpRouteSpecV1 Spec { get; set; } = new();
}

public sealed class HttpRouteSpecV1
{
    public List<HttpRouteParentRefV1> ParentRefs { get; } = [];

    public List<HttpRouteRuleV1> Rules { get; } = [];
}

public sealed class HttpRouteParentRefV1
{
    public string Name { get; set; } = null!;
}

public sealed class HttpRouteRuleV1
{
    public List<HttpRouteMatchV1> Matches { get; } = [];

    public List<HttpRouteBackendRefV1> BackendRefs { get; } = [];
}

public sealed class HttpRouteMatchV1
{
    public HttpRoutePathMatchV1? Path { get; set; }
}

public sealed class HttpRoutePathMatchV1
{
    public string Type { get; set; } = "PathPrefix";

    public string Value { get; set; } = null!;
}

public sealed class HttpRouteBackendRefV1
{
    public string Name { get; set; } = null!;

    public int Port { get; set; }
}
