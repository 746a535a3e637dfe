using System.Text.Json.Nodes;

namespace LlmdAspire.Tests.Shared.Kubernetes;

/// <summary>Whether an object is chosen by the selectors of a request; of label selectors only equality, of fields only the name.</summary>
internal sealed class ObjectSelector(string? labels, string? fields)
{
    public bool Matches(JsonObject? target) =>
        target is not null
        && Pairs(labels).All(pair => target["metadata"]?["labels"]?[pair.Name]?.GetValue<string>() == pair.Value)
        && Pairs(fields).All(pair => pair.Name == "metadata.name" ? target["metadata"]!["name"]!.GetValue<string>() == pair.Value : throw new NotSupportedException($"Field {pair.Name} is not selectable here."));

    /// <summary>What a change is to who sees only what is chosen; null for nothing.</summary>
    public (string Type, JsonObject Object)? EventOf(ClusterChange change) => (Matches(change.Before), Matches(change.After)) switch
    {
        (false, true) => ("ADDED", change.After!),
        (true, true) => ("MODIFIED", change.After!),
        // Its last state, with the version of its end.
        (true, false) => ("DELETED", At(change.Before!, change.Version)),
        _ => null,
    };

    private static JsonObject At(JsonObject target, long version)
    {
        var copy = (JsonObject)target.DeepClone();
        copy["metadata"]!["resourceVersion"] = ClusterState.Text(version);
        return copy;
    }

    private static IEnumerable<(string Name, string Value)> Pairs(string? selector) =>
        (selector ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).Select(pair => (pair[0], pair[1].TrimStart('=')));
}
