using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace LlmdAspire.Epp.Endpoints;

/// <summary>Reads the YAML of <c>--endpoints-file</c>: a list of <c>url</c>, <c>labels</c> (a map) and <c>ranks</c> (a number, or a list of ranks).</summary>
internal static class EndpointsFile
{
    /// <summary>The endpoints; what is wrong is added to <paramref name="mistakes"/>, one line each.</summary>
    public static List<EndpointDeclaration> Read(string yaml, ICollection<string> mistakes)
    {
        var endpoints = new List<EndpointDeclaration>();
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            if (stream.Documents.Count == 0)
            {
                return endpoints;
            }

            if (stream.Documents[0].RootNode is not YamlSequenceNode list)
            {
                mistakes.Add("it must hold a list of endpoints; [] for none.");
                return endpoints;
            }

            foreach (var item in list)
            {
                ReadItem(item, endpoints, mistakes);
            }
        }
        catch (YamlException e)
        {
            mistakes.Add($"line {e.Start.Line}: not valid YAML: {e.Message.ReplaceLineEndings(" ")}");
        }

        catch (InvalidOperationException)
        {
            // Thrown by the YAML scanner itself for some malformed plain text.
            mistakes.Add("not valid YAML.");
        }

        foreach (var twice in endpoints.GroupBy(endpoint => endpoint.Id).Where(group => group.Count() > 1))
        {
            mistakes.Add($"'{twice.Key}' stands there {twice.Count()} times; list each endpoint once.");
        }

        return endpoints;
    }

    private static void ReadItem(YamlNode item, List<EndpointDeclaration> endpoints, ICollection<string> mistakes)
    {
        var line = item.Start.Line;
        if (item is YamlScalarNode { Value: { } text })
        {
            if (EndpointText.Read(text, endpoints) is { } mistake)
            {
                mistakes.Add($"line {line}: '{text}' {mistake}.");
            }

            return;
        }

        if (item is not YamlMappingNode map)
        {
            mistakes.Add($"line {line}: an endpoint must be a map of url, labels and ranks.");
            return;
        }

        foreach (var key in map.Children.Keys.Select(TextOf).Where(key => key is not ("url" or "labels" or "ranks")))
        {
            mistakes.Add($"line {line}: '{key}' is unknown; an endpoint has url, labels and ranks.");
        }

        var url = TextOf(Find(map, "url"));
        var labels = (Find(map, "labels") as YamlMappingNode)?.Children.ToDictionary(pair => TextOf(pair.Key), pair => TextOf(pair.Value), StringComparer.Ordinal) ?? [];
        foreach (var suffix in Ranks(Find(map, "ranks"), line, mistakes))
        {
            if (EndpointText.Read(url + suffix, labels, endpoints) is { } mistake)
            {
                mistakes.Add($"line {line}: '{url}' {mistake}.");
            }
        }
    }

    private static IEnumerable<string> Ranks(YamlNode? node, long line, ICollection<string> mistakes)
    {
        switch (node)
        {
            case null:
                return [""];
            case YamlSequenceNode list:
                return [.. list.Select(rank => "@" + TextOf(rank))];
            case YamlScalarNode { Value: { } text } when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0:
                // An engine of one rank has none to name.
                return count == 1 ? [""] : [string.Create(CultureInfo.InvariantCulture, $"@0..{count - 1}")];
            case YamlScalarNode { Value: { } range } when range.Contains("..", StringComparison.Ordinal):
                return ["@" + range];
            default:
                mistakes.Add($"line {line}: ranks must be how many there are, 0..7, or a list of ranks.");
                return [];
        }
    }

    private static YamlNode? Find(YamlMappingNode map, string name) => map.Children.TryGetValue(new YamlScalarNode(name), out var value) ? value : null;

    private static string TextOf(YamlNode? node) => (node as YamlScalarNode)?.Value ?? "";
}
