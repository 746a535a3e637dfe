using System.Text.Json;
using LlmdAspire.Protocols.Kubernetes;

namespace LlmdAspire.Epp.Kubernetes;

/// <summary>Finds and reads the InferencePool of a picker, in both groups that there are.</summary>
internal static class InferencePools
{
    public const string Group = "inference.networking.k8s.io";
    public const string AlphaGroup = "inference.networking.x-k8s.io";

    /// <summary>One pool, as what is watched.</summary>
    public static ApiResource Resource(string group, string @namespace, string name) =>
        new(group, group == Group ? "v1" : "v1alpha2", @namespace, "inferencepools") { FieldSelector = $"metadata.name={name}" };

    public static PodChoice Read(JsonElement pool)
    {
        // v1 has a selector of matchLabels and a list of ports, v1alpha2 a map and one port.
        var isAlpha = pool.At("spec", "targetPortNumber") is not null;
        return isAlpha
            ? PodChoice.Of(pool.Texts("spec", "selector"), PortsOf([pool.At("spec", "targetPortNumber")]))
            : PodChoice.Of(pool.Texts("spec", "selector", "matchLabels"), PortsOf(pool.Items("spec", "targetPorts").Select(port => port.At("number"))));
    }

    private static IEnumerable<int> PortsOf(IEnumerable<JsonElement?> numbers)
    {
        foreach (var number in numbers)
        {
            if (number is { ValueKind: JsonValueKind.Number } given && given.TryGetInt32(out var port) && port is > 0 and <= 65535)
            {
                yield return port;
            }
        }
    }
}
