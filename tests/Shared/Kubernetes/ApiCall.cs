namespace LlmdAspire.Tests.Shared.Kubernetes;

/// <summary>A request as authorization sees it, and its query.</summary>
public sealed record ApiCall(string Verb, string Group, string Resource, string Namespace, IReadOnlyDictionary<string, string> Query)
{
    public string? this[string parameter] => Query.GetValueOrDefault(parameter);
}
