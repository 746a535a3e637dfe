using YamlDotNet.RepresentationModel;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>Finds the selectors of an object, wherever in it they stand.</summary>
internal static class SelectorWalk
{
    /// <summary>Labels wanted by each.</summary>
    public static IEnumerable<Dictionary<string, string>> Of(YamlNode node) => node switch
    {
        YamlMappingNode mapping => mapping.Children.SelectMany(child => child switch
        {
            // Those of Services and EnvoyFilters, and those of everything else.
            { Key: YamlScalarNode { Value: "selector" or "workloadSelector" or "matchLabels" }, Value: YamlMappingNode labels } when IsFlat(labels) => [Entries(labels)],
            { Key: YamlScalarNode { Value: "workloadSelector" }, Value: YamlMappingNode selector } => [selector.TextEntries("labels")],
            _ => Of(child.Value),
        }),
        YamlSequenceNode sequence => sequence.Children.SelectMany(Of),
        // As a flag has it, a=b,c=d.
        YamlScalarNode { Value: { } text } when text.StartsWith("llm-d.ai/", StringComparison.Ordinal) && text.Contains('=', StringComparison.Ordinal) =>
            [text.Split(',').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1])],
        _ => [],
    };

    private static bool IsFlat(YamlMappingNode mapping) => mapping.Children.Values.All(value => value is YamlScalarNode);

    private static Dictionary<string, string> Entries(YamlMappingNode mapping) =>
        mapping.Children.ToDictionary(entry => ((YamlScalarNode)entry.Key).Value!, entry => ((YamlScalarNode)entry.Value).Value!);
}
