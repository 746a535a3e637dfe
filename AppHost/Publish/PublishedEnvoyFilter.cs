using Aspire.Hosting.Kubernetes.Resources;
using LlmdAspire.Hosting.Kubernetes;

namespace LlmdAspire.AppHost.Publish;

/// <summary>Attaches the picker to an Istio gateway without an InferencePool: the gateway's Envoy asks it by ext_proc, and sends each request where it said.</summary>
/// <remarks>
/// A request passes three filters' worth of changes: (1) its session is found in header or cookie, (2) the picker names an endpoint, (3) a route for requests with such a
/// name sends it there. While the picker is away there is no name, and the ordinary route deals out by the hash of the session.
/// </remarks>
internal static class PublishedEnvoyFilter
{
    private const string SessionHeader = "x-session-id";
    private const string DestinationHeader = "x-gateway-destination-endpoint";
    private const string PickedCluster = "llm-d-picked-endpoint";
    private const string MessageTimeout = "10s";

    // Endpoints are the picker's to name: a client that could, also while the picker is away, would be sent to any address within the cluster.
    private const string NormaliseSession = $"""
        function envoy_on_request(handle)
          local headers = handle:headers()
          headers:remove("{DestinationHeader}")
          headers:remove("x-prefiller-host-port")
          headers:remove("x-prefiller-data-parallel-rank")
          headers:remove("x-data-parallel-rank")
          headers:remove("x-data-parallel-host-port")
          headers:remove("x-encoder-hosts-ports")
          headers:remove("x-kv-cache-source-host-port")
          if headers:get("{SessionHeader}") ~= nil then
            return
          end
          local cookie = headers:get("cookie")
          if cookie == nil then
            return
          end
          local session = (";" .. cookie):match(";%s*x%-session%-id=([^;]+)")
          if session ~= nil then
            headers:add("{SessionHeader}", session)
          end
        end

        """;

    public static IEnumerable<BaseKubernetesResource> Of(ClusterPlan plan)
    {
        var filter = new EnvoyFilter { Metadata = { Name = $"{plan.Names.Picker}-ext-proc" } };
        // The label that Istio gives the pods of a Gateway.
        filter.Spec.WorkloadSelector.Labels["gateway.networking.k8s.io/gateway-name"] = plan.ExistingGateway ?? plan.Names.Gateway;
        filter.Spec.ConfigPatches.Add(new("HTTP_FILTER", EnvoyMatch.BeforeRouter(), new("INSERT_BEFORE", SessionFilter())));
        filter.Spec.ConfigPatches.Add(new("HTTP_FILTER", EnvoyMatch.BeforeRouter(), new("INSERT_BEFORE", PickerFilter(plan))));
        filter.Spec.ConfigPatches.Add(new("CLUSTER", new("GATEWAY"), new("ADD", PickedEndpoint())));
        filter.Spec.ConfigPatches.Add(new("HTTP_ROUTE", EnvoyMatch.AnyRoute(), new("INSERT_FIRST", RouteToPicked())));

        var fallback = new DestinationRule { Metadata = { Name = $"{plan.Names.Decode}-sticky" } };
        fallback.Spec.Host = PublishedRouting.HostOf(plan.Names.Decode);
        fallback.Spec.TrafficPolicy.LoadBalancer = new(new(SessionHeader));
        return [filter, fallback];
    }

    private static Dictionary<string, object?> SessionFilter() => new()
    {
        ["name"] = "envoy.filters.http.lua",
        ["typed_config"] = new Dictionary<string, object?>
        {
            ["@type"] = "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
            ["default_source_code"] = new Dictionary<string, object?> { ["inline_string"] = NormaliseSession },
        },
    };

    private static Dictionary<string, object?> PickerFilter(ClusterPlan plan) => new()
    {
        ["name"] = "envoy.filters.http.ext_proc",
        ["typed_config"] = new Dictionary<string, object?>
        {
            ["@type"] = "type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor",
            ["grpc_service"] = new Dictionary<string, object?>
            {
                ["envoy_grpc"] = new Dictionary<string, object?> { ["cluster_name"] = $"outbound|{PublishedPicker.GrpcPort}||{PublishedRouting.HostOf(plan.Names.Picker)}" },
                ["timeout"] = MessageTimeout,
            },
            ["message_timeout"] = MessageTimeout,
            // Goes on without the picker when it is away, which Envoy allows in buffered mode only.
            ["failure_mode_allow"] = true,
            ["processing_mode"] = new Dictionary<string, object?>
            {
                ["request_header_mode"] = "SEND",
                ["request_body_mode"] = "BUFFERED",
                ["response_header_mode"] = "SEND",
                ["response_body_mode"] = "NONE",
            },
        },
    };

    private static Dictionary<string, object?> PickedEndpoint() => new()
    {
        ["name"] = PickedCluster,
        ["type"] = "ORIGINAL_DST",
        ["lb_policy"] = "CLUSTER_PROVIDED",
        ["connect_timeout"] = "5s",
        ["original_dst_lb_config"] = new Dictionary<string, object?> { ["use_http_header"] = true, ["http_header_name"] = DestinationHeader },
    };

    private static Dictionary<string, object?> RouteToPicked() => new()
    {
        ["name"] = PickedCluster,
        ["match"] = new Dictionary<string, object?>
        {
            ["prefix"] = "/",
            ["headers"] = new List<object?> { new Dictionary<string, object?> { ["name"] = DestinationHeader, ["present_match"] = true } },
        },
        ["route"] = new Dictionary<string, object?> { ["cluster"] = PickedCluster, ["timeout"] = PublishedRouting.RequestTimeout },
    };
}
