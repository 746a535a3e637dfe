using System.Text.Json.Serialization;

namespace LlmdAspire.AppHost;

/// <summary>One resource as the user and scripts see it.</summary>
/// <param name="Name">Resource name.</param>
/// <param name="Urls">Where it listens; the first one answers <c>/health</c> and <c>/metrics</c>.</param>
internal sealed record ListedResource(string Name, IReadOnlyList<string> Urls)
{
    /// <summary>Process identifier once it runs; changes when the resource is restarted. None for a container that has no process here.</summary>
    public int? Pid { get; set; }

    /// <summary>It has run, or has failed to; there is nothing to wait for.</summary>
    public bool IsSettled { get; set; }

    public string ToLine() => $"resource {Name} {string.Join(' ', Urls)}";

    /// <summary>The shape of an entry of <c>--resources-file</c>.</summary>
    public FileEntry ToFileEntry() => new(Name, Urls[0], Urls[0].StartsWith("http", StringComparison.Ordinal) ? $"{Urls[0]}/metrics" : null, Pid);

    internal sealed record FileEntry(
        [property: JsonPropertyName("name")] string Name,
        [property: JsonPropertyName("url")] string Url,
        [property: JsonPropertyName("metrics")] string? Metrics,
        [property: JsonPropertyName("pid")] int? Pid);
}
