using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace LlmdAspire.Epp.Objectives;

/// <summary>Reads the YAML of <c>--objectives-file</c>: InferenceObjectives, one a document, as they would be applied to a cluster.</summary>
internal static class ObjectivesFile
{
    private const string Kind = "InferenceObjective";
    private static readonly string[] s_groups = ["llm-d.ai", "inference.networking.x-k8s.io"];

    /// <summary>Priorities by name; what is wrong is added to <paramref name="mistakes"/>, one line each.</summary>
    public static Dictionary<string, int> Read(string yaml, ICollection<string> mistakes)
    {
        var objectives = new Dictionary<string, int>(StringComparer.Ordinal);
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            foreach (var document in stream.Documents.Select(document => document.RootNode).Where(root => root is not YamlScalarNode { Value: null or "" }))
            {
                ReadObject(document, objectives, mistakes);
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

        return objectives;
    }

    private static void ReadObject(YamlNode document, Dictionary<string, int> objectives, ICollection<string> mistakes)
    {
        var line = document.Start.Line;
        var (version, kind) = (TextAt(document, "apiVersion"), TextAt(document, "kind"));
        if (kind == "InferenceModelRewrite")
        {
            mistakes.Add($"line {line}: InferenceModelRewrite is not supported yet; remove it.");
            return;
        }

        if (kind != Kind || !s_groups.Contains(version?.Split('/')[0]))
        {
            mistakes.Add($"line {line}: '{version} {kind}' must be {s_groups[0]}/v1alpha2 {Kind}.");
            return;
        }

        if (TextAt(document, "metadata", "name") is not { Length: > 0 } name)
        {
            mistakes.Add($"line {line}: an {Kind} has no metadata.name, which requests would carry.");
            return;
        }

        if (!int.TryParse(TextAt(document, "spec", "priority") ?? "0", NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority))
        {
            mistakes.Add($"line {line}: {Kind} '{name}' has the priority '{TextAt(document, "spec", "priority")}'; it must be a whole number.");
        }

        if (!objectives.TryAdd(name, priority))
        {
            mistakes.Add($"line {line}: {Kind} '{name}' stands there twice; keep one.");
        }
    }

    private static string? TextAt(YamlNode node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (node is not YamlMappingNode map || !map.Children.TryGetValue(new YamlScalarNode(name), out var next))
            {
                return null;
            }

            node = next;
        }

        return (node as YamlScalarNode)?.Value;
    }
}
