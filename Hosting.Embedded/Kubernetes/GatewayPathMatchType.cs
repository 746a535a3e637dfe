namespace Aspire.Hosting.Kubernetes;

/// <summary>How the path of a route is compared, by the Gateway API's own names.</summary>
public enum GatewayPathMatchType
{
    PathPrefix,
    Exact,
    RegularExpression,
}
