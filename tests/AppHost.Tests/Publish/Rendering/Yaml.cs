using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>Reads YAML, and JSON, which is YAML too, with the types that the API server would see.</summary>
internal static partial class Yaml
{
    public static YamlMappingNode Parse(string text) => ParseAll(text).Single();

    /// <summary>Each document of a stream.</summary>
    public static IEnumerable<YamlMappingNode> ParseAll(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Select(document => (YamlMappingNode)document.RootNode);
    }

    /// <summary>Each value that a node holds, with its path and type, in an order of its own: equal for nodes that mean the same.</summary>
    public static IEnumerable<string> Values(this YamlNode node, string path = "") => node switch
    {
        YamlMappingNode { Children.Count: > 0 } => node.Entries().OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => entry.Value.Values($"{path}.{entry.Key}")),
        YamlSequenceNode { Children.Count: > 0 } sequence => sequence.Children.SelectMany((item, index) => item.Values($"{path}[{index}]")),
        _ => [$"{path} {TypeOf(node)} {(node as YamlScalarNode)?.Value}"],
    };

    /// <summary>The node at a path of keys and indices; null where there is none.</summary>
    public static YamlNode? At(this YamlNode node, params ReadOnlySpan<object> path)
    {
        YamlNode? current = node;
        foreach (var step in path)
        {
            current = (current, step) switch
            {
                (YamlMappingNode mapping, string key) => mapping.Children.FirstOrDefault(child => child.Key is YamlScalarNode scalar && scalar.Value == key).Value,
                (YamlSequenceNode sequence, int index) when index < sequence.Children.Count => sequence.Children[index],
                _ => null,
            };
        }

        return current;
    }

    public static string? Text(this YamlNode node, params ReadOnlySpan<object> path) => (node.At(path) as YamlScalarNode)?.Value;

    public static IEnumerable<YamlNode> Items(this YamlNode node, params ReadOnlySpan<object> path) => node.At(path) is YamlSequenceNode sequence ? sequence.Children : [];

    public static IEnumerable<string> Texts(this YamlNode node, params ReadOnlySpan<object> path) => node.Items(path).Cast<YamlScalarNode>().Select(item => item.Value!);

    public static Dictionary<string, YamlNode> Entries(this YamlNode node, params ReadOnlySpan<object> path) =>
        node.At(path) is YamlMappingNode mapping ? mapping.Children.ToDictionary(child => ((YamlScalarNode)child.Key).Value!, child => child.Value) : [];

    public static Dictionary<string, string> TextEntries(this YamlNode node, params ReadOnlySpan<object> path) =>
        node.Entries(path).ToDictionary(entry => entry.Key, entry => ((YamlScalarNode)entry.Value).Value!);

    /// <summary>The JSON type of a node: object, array, string, integer, number, boolean or null.</summary>
    public static string TypeOf(YamlNode node) => node switch
    {
        YamlMappingNode => "object",
        YamlSequenceNode => "array",
        YamlScalarNode { Style: not ScalarStyle.Plain } => "string",
        YamlScalarNode { Value: null or "" or "~" or "null" } => "null",
        YamlScalarNode { Value: "true" or "false" } => "boolean",
        YamlScalarNode scalar when Integer().IsMatch(scalar.Value!) => "integer",
        YamlScalarNode scalar when double.TryParse(scalar.Value, CultureInfo.InvariantCulture, out _) => "number",
        _ => "string",
    };

    [GeneratedRegex("^-?[0-9]+$")]
    private static partial Regex Integer();
}
