using System.Globalization;

namespace LlmdAspire.Protocols.Kubernetes;

/// <summary>What is listed and watched: the objects of one kind in one namespace, or those of them that selectors choose.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Plural">The kind as paths have it: <c>pods</c>.</param>
public sealed record ApiResource(string Group, string Version, string Namespace, string Plural)
{
    /// <summary>As in <c>kubectl -l</c>.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>As in <c>kubectl --field-selector</c>; <c>metadata.name=NAME</c> works for every kind.</summary>
    public string? FieldSelector { get; init; }

    private string Path
    {
        get
        {
            var root = Group.Length == 0 ? "/api" : $"/apis/{Group}";
            return $"{root}/{Version}/namespaces/{Uri.EscapeDataString(Namespace)}/{Plural}";
        }
    }

    /// <param name="limit">Objects per page; 0 for all at once.</param>
    /// <param name="next">What the page before said; null for the first.</param>
    internal string ListPath(int limit, string? next) => Query(
        ("limit", limit > 0 ? limit.ToString(CultureInfo.InvariantCulture) : null),
        ("continue", next));

    /// <param name="version">What is known already.</param>
    /// <param name="seconds">When the server is to end the stream, so that streams do not pile up on one of several servers.</param>
    internal string WatchPath(string version, int seconds) => Query(
        ("watch", "true"),
        ("allowWatchBookmarks", "true"),
        ("resourceVersion", version),
        ("timeoutSeconds", seconds.ToString(CultureInfo.InvariantCulture)));

    private string Query(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        List<string> all = [];
        foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)[.. parameters, ("labelSelector", LabelSelector), ("fieldSelector", FieldSelector)])
        {
            if (value is not null)
            {
                all.Add($"{name}={Uri.EscapeDataString(value)}");
            }
        }

        return all.Count == 0 ? Path : $"{Path}?{string.Join('&', all)}";
    }
}
