using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Epp.Endpoints;

/// <summary>One endpoint as flags or a file declare it.</summary>
internal sealed record EndpointDeclaration(EndpointId Id, IReadOnlyDictionary<string, string> Labels)
{
    public bool Equals(EndpointDeclaration? other) =>
        other is not null && Id == other.Id && Labels.Count == other.Labels.Count && Labels.All(label => other.Labels.GetValueOrDefault(label.Key) == label.Value);

    public override int GetHashCode() => Id.GetHashCode();
}
