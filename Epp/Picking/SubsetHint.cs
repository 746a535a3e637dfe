using System.Net;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Scheduling.Endpoints;

namespace LlmdAspire.Epp.Picking;

/// <summary>The endpoints that the gateway allows, from the metadata of its subset load balancer.</summary>
internal static class SubsetHint
{
    private const string Namespace = "envoy.lb.subset_hint";
    private const string Key = "x-gateway-destination-endpoint-subset";

    /// <summary>Those of the endpoints that the hint allows, by address alone; all where there is no hint.</summary>
    public static EngineEndpoint[] Apply(StructValue? metadata, EngineEndpoint[] endpoints)
    {
        if (metadata?[Namespace]?[Key] is not { Kind: StructKind.Items } hint)
        {
            return endpoints;
        }

        var hosts = hint.Items.Select(item => item.Text).OfType<string>().Select(HostOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. endpoints.Where(endpoint => hosts.Contains(endpoint.Id.Host))];
    }

    private static string HostOf(string text)
    {
        var colon = text.LastIndexOf(':');
        // A bare IPv6 address has colons of its own.
        return colon < 0 || IPAddress.TryParse(text, out _) && text.AsSpan().Count(':') > 1 ? text : text[..colon];
    }
}
