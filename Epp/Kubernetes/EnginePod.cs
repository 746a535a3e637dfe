using System.Globalization;
using System.Text.Json;
using LlmdAspire.Epp.Endpoints;
using LlmdAspire.Protocols.Kubernetes;

namespace LlmdAspire.Epp.Kubernetes;

/// <summary>A pod that can be sent requests.</summary>
/// <param name="Address">An IP address.</param>
internal sealed record EnginePod(string Address, IReadOnlyDictionary<string, string> Labels)
{
    private const string RanksLabel = "llm-d.ai/data-parallel-size";
    private const int MaxRanks = 1024;

    /// <summary>Data-parallel ranks as its label tells; null where it tells none.</summary>
    public int? Ranks => Labels.TryGetValue(RanksLabel, out var text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= MaxRanks
            ? count
            : null;

    /// <summary>Null for a pod that does not count: not ready, without an address, or about to end.</summary>
    public static EnginePod? Read(JsonElement pod) =>
        pod.At("metadata", "deletionTimestamp") is null && IsReady(pod) && pod.Text("status", "podIP") is { Length: > 0 } address
            ? new EnginePod(address, pod.Texts("metadata", "labels"))
            : null;

    public bool Equals(EnginePod? other) => other is not null && Address == other.Address && LabelSet.AreSame(Labels, other.Labels);

    public override int GetHashCode() => Address.GetHashCode(StringComparison.Ordinal);

    private static bool IsReady(JsonElement pod) =>
        pod.Items("status", "conditions").Any(condition => condition.Text("type") == "Ready" && condition.Text("status") == "True");
}
