using System.Text.Json.Serialization;

namespace LlmdAspire.Dashboard.State;

/// <summary>A service this page reads, and whether it answers.</summary>
/// <param name="Name"><c>router</c>, <c>epp</c>, <c>kv-indexer</c> or <c>aspire-dashboard</c>.</param>
/// <param name="State"><c>up</c> or <c>away</c>.</param>
/// <param name="Detail">Why it is away, or what it lacks, as the end of a sentence; null when all is well.</param>
/// <param name="Facts">A few things it said about itself, name to value.</param>
public sealed record SourceState(string Name, string Url, string State, string? Detail, IReadOnlyDictionary<string, string> Facts)
{
    public const string RouterName = "router";
    public const string Picker = "epp";
    public const string Indexer = "kv-indexer";
    public const string AspireDashboard = "aspire-dashboard";

    /// <summary>The stack does its work without it.</summary>
    [JsonIgnore]
    public bool IsOptional => Name == AspireDashboard;

    [JsonIgnore]
    public bool IsUp => State == "up";

    public static SourceState Up(string name, Uri url, IReadOnlyDictionary<string, string>? facts = null, string? detail = null) =>
        new(name, Show(url), "up", detail, facts ?? new Dictionary<string, string>());

    public static SourceState Away(string name, Uri url, string detail) =>
        new(name, Show(url), "away", detail, new Dictionary<string, string>());

    // Scheme, host and port only: a user name, a key in the query or a path is nobody's business on a page.
    private static string Show(Uri url) => url.GetLeftPart(UriPartial.Authority) is var text && url.UserInfo.Length > 0
        ? text.Replace(url.UserInfo + "@", "", StringComparison.Ordinal)
        : text;
}
