using System.Text.Json.Nodes;

namespace LlmdAspire.Tests.Shared.Kubernetes;

/// <summary>What the API server says about itself; kubectl asks before it asks for anything else.</summary>
internal static class ApiDiscovery
{
    public static JsonObject? Answer(string path) => path switch
    {
        "/version" => new JsonObject { ["major"] = "1", ["minor"] = "33", ["gitVersion"] = "v1.33.0" },
        "/api" => new JsonObject { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1") },
        "/apis" => new JsonObject { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = new JsonArray([.. ClusterKind.All.Where(kind => kind.Group.Length > 0).Select(GroupOf)]) },
        _ => ClusterKind.All.FirstOrDefault(kind => path == (kind.Group.Length == 0 ? $"/api/{kind.Version}" : $"/apis/{kind.ApiVersion}")) is { } found ? ResourcesOf(found) : null,
    };

    private static JsonNode GroupOf(ClusterKind kind) => new JsonObject
    {
        ["name"] = kind.Group,
        ["versions"] = new JsonArray(VersionOf(kind)),
        ["preferredVersion"] = VersionOf(kind),
    };

    private static JsonObject VersionOf(ClusterKind kind) => new() { ["groupVersion"] = kind.ApiVersion, ["version"] = kind.Version };

    private static JsonObject ResourcesOf(ClusterKind kind) => new()
    {
        ["kind"] = "APIResourceList",
        ["apiVersion"] = "v1",
        ["groupVersion"] = kind.ApiVersion,
        ["resources"] = new JsonArray(new JsonObject
        {
            ["name"] = kind.Plural,
            ["singularName"] = kind.Name.ToLowerInvariant(),
            ["namespaced"] = true,
            ["kind"] = kind.Name,
            ["verbs"] = new JsonArray("get", "list", "watch"),
        }),
    };
}
