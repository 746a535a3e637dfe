using System.Collections.Immutable;

namespace LlmdAspire.Epp.Kubernetes;

/// <summary>Which pods are engines, and at which ports of them.</summary>
/// <param name="Selector">As <c>kubectl -l</c> has it, sorted by label; empty selects nothing.</param>
internal sealed record PodChoice(string Selector, ImmutableArray<int> Ports)
{
    public const int MaxPorts = 8;

    public static PodChoice Of(IEnumerable<KeyValuePair<string, string>> labels, IEnumerable<int> ports) =>
        new(string.Join(',', labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}")), [.. ports.Distinct()]);

    public bool Equals(PodChoice? other) => other is not null && Selector == other.Selector && Ports.SequenceEqual(other.Ports);

    public override int GetHashCode() => Selector.GetHashCode(StringComparison.Ordinal);
}
