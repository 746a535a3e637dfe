using System.Text.Json;
using LlmdAspire.Protocols.Kubernetes;

namespace LlmdAspire.Epp.Kubernetes;

/// <summary>An InferenceObjective: its name is what requests carry.</summary>
/// <param name="Pool">The pool that it is for.</param>
internal sealed record ClusterObjective(string Name, string? Pool, int Priority)
{
    public static ClusterObjective? Read(JsonElement objective) => objective.Text("metadata", "name") is { } name
        ? new ClusterObjective(name, objective.Text("spec", "poolRef", "name"), objective.At("spec", "priority") is { ValueKind: JsonValueKind.Number } given && given.TryGetInt32(out var priority) ? priority : 0)
        : null;
}
