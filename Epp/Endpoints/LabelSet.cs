namespace LlmdAspire.Epp.Endpoints;

/// <summary>Compares labels.</summary>
internal static class LabelSet
{
    public static bool AreSame(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count == other.Count && one.All(label => other.TryGetValue(label.Key, out var value) && value == label.Value);
}
