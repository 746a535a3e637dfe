using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>Renders a chart as Helm would, for the few forms of expressions that Aspire writes; any other is an error.</summary>
internal static partial class ChartRenderer
{
    public static IReadOnlyList<RenderedObject> Render(string folder, string release, string @namespace)
    {
        var values = Yaml.Parse(File.ReadAllText(Path.Combine(folder, "values.yaml")));
        var chart = Yaml.Parse(File.ReadAllText(Path.Combine(folder, "Chart.yaml"))).Text("name")!;
        return [.. Directory.EnumerateFiles(Path.Combine(folder, "templates"), "*.yaml", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(file => new RenderedObject(Path.GetRelativePath(folder, file), Yaml.Parse(RenderText(File.ReadAllText(file), values, chart, release, @namespace))))];
    }

    private static string RenderText(string text, YamlMappingNode values, string chart, string release, string @namespace) =>
        Expression().Replace(text, match => match.Groups["path"].Value switch
        {
            ".Chart.Name" => chart,
            ".Release.Name" => release,
            ".Release.Namespace" => @namespace,
            var path when path.StartsWith(".Values.", StringComparison.Ordinal) =>
                values.Text([.. path.Split('.')[2..]]) ?? throw new InvalidDataException($"values.yaml has no {path}."),
            _ => throw new InvalidDataException($"{match.Value} is not a form that Aspire writes."),
        });

    [GeneratedRegex(@"\{\{\s*(?<path>[^\s|}]+)(\s*\|\s*(int|toString))*\s*\}\}")]
    private static partial Regex Expression();
}
