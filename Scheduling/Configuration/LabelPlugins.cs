using LlmdAspire.Scheduling.Filters;
using YamlDotNet.RepresentationModel;

namespace LlmdAspire.Scheduling.Configuration;

/// <summary>Makes the filters that look at labels.</summary>
internal static class LabelPlugins
{
    public static ByLabelFilter ByLabel(PluginSource source)
    {
        var label = source.Parameters.Text("label");
        var values = source.Parameters.Texts("validValues");
        var allowsNoLabel = source.Parameters.Flag("allowsNoLabel", false);
        if (string.IsNullOrEmpty(label))
        {
            source.Refuse("label is missing.");
        }

        if (values.Count == 0 && !allowsNoLabel)
        {
            source.Refuse("validValues is empty, so nothing would pass; list values or set allowsNoLabel.");
        }

        return new ByLabelFilter(label ?? "", values, allowsNoLabel);
    }

    public static LabelSelectorFilter Selector(PluginSource source)
    {
        var requirements = source.Parameters.Pairs("matchLabels")
            .Select(pair => new LabelRequirement(pair.Key, LabelOperator.In, [pair.Value]))
            .ToList();
        foreach (var item in source.Parameters.Items("matchExpressions"))
        {
            if (Expression(item, source) is { } requirement)
            {
                requirements.Add(requirement);
            }
        }

        return new LabelSelectorFilter([.. requirements]);
    }

    private static LabelRequirement? Expression(YamlNode node, PluginSource source)
    {
        if (node is not YamlMappingNode map)
        {
            source.Refuse("each of matchExpressions must be a map of key, operator and values.");
            return null;
        }

        string? Text(string name) => map.Children.TryGetValue(new YamlScalarNode(name), out var value) ? (value as YamlScalarNode)?.Value : null;
        IReadOnlyList<string> values = map.Children.TryGetValue(new YamlScalarNode("values"), out var list) && list is YamlSequenceNode items
            ? [.. items.Select(item => (item as YamlScalarNode)?.Value ?? "")]
            : [];
        if (Text("key") is not { Length: > 0 } key)
        {
            source.Refuse("one of matchExpressions has no key.");
            return null;
        }

        if (!Enum.TryParse<LabelOperator>(Text("operator"), out var op) || !Enum.IsDefined(op))
        {
            source.Refuse($"operator '{Text("operator")}' does not exist; it must be In, NotIn, Exists or DoesNotExist.");
            return null;
        }

        if ((op is LabelOperator.In or LabelOperator.NotIn) == (values.Count == 0))
        {
            source.Refuse($"the values of '{key}' {(values.Count == 0 ? "are missing" : "must be absent")} with operator {op}.");
        }

        return new LabelRequirement(key, op, values);
    }
}
