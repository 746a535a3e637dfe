using System.Globalization;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Epp.Endpoints;

/// <summary>Reads an endpoint as <c>--endpoints</c> writes it: <c>URL</c>, <c>URL@3</c> or <c>URL@0..7</c>, then <c>;label=value</c> as often as needed.</summary>
internal static class EndpointText
{
    private const int MaxRanks = 1024;

    /// <summary>Adds the endpoints that a text stands for.</summary>
    /// <returns>Null, or what is wrong, as the end of a sentence that begins with the text.</returns>
    public static string? Read(string text, ICollection<EndpointDeclaration> endpoints)
    {
        var parts = text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0)
        {
            return "is empty; write http://HOST:PORT";
        }

        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in parts[1..])
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                return $"has '{part}' where a label belongs; write ;label=value";
            }

            labels[part[..equals].Trim()] = part[(equals + 1)..].Trim();
        }

        return Read(parts[0], labels, endpoints);
    }

    /// <summary>Adds the endpoints of a URL with or without ranks.</summary>
    public static string? Read(string url, IReadOnlyDictionary<string, string> labels, ICollection<EndpointDeclaration> endpoints)
    {
        var at = url.LastIndexOf('@');
        var range = at < 0 ? "" : url[(at + 1)..];
        var dots = range.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0)
        {
            if (!EndpointId.TryParse(url, out var single, out var mistake))
            {
                return mistake;
            }

            endpoints.Add(new EndpointDeclaration(single, labels));
            return null;
        }

        if (!EndpointId.TryParse(url[..at], out var id, out var wrong))
        {
            return wrong;
        }

        if (!TryRank(range[..dots], out var first) || !TryRank(range[(dots + 2)..], out var last) || last < first || last - first >= MaxRanks)
        {
            return $"has ranks '{range}'; write @0..7";
        }

        for (var rank = first; rank <= last; rank++)
        {
            endpoints.Add(new EndpointDeclaration(id.WithRank(rank), labels));
        }

        return null;
    }

    private static bool TryRank(string text, out int rank) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out rank);
}
