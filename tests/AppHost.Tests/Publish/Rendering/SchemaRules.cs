using System.Collections.Concurrent;
using System.Globalization;
using Cel;
using YamlDotNet.RepresentationModel;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>Rules of a schema in the Common Expression Language (x-kubernetes-validations), which an API server asks of a value after its defaults are filled in.</summary>
internal static class SchemaRules
{
    private static readonly CelEnvironment s_environment = new(null, "");
    private static readonly ConcurrentDictionary<string, CelProgramDelegate> s_programs = new();

    /// <summary>Messages of the rules that a new value breaks; rules about a change have nothing to compare with.</summary>
    public static IEnumerable<string> BrokenBy(YamlNode node, YamlNode schema)
    {
        var rules = schema.Items("x-kubernetes-validations").Where(rule => !rule.Text("rule")!.Contains("oldSelf", StringComparison.Ordinal)).ToList();
        if (rules.Count == 0)
        {
            yield break;
        }

        var self = new Dictionary<string, object?> { ["self"] = Value(node, schema) };
        foreach (var rule in rules)
        {
            if (!Holds(rule.Text("rule")!, self))
            {
                yield return rule.Text("message") ?? rule.Text("rule")!;
            }
        }
    }

    // A rule that asks for a field that is not there fails, too.
    private static bool Holds(string rule, Dictionary<string, object?> self)
    {
        try
        {
            return s_programs.GetOrAdd(rule, s_environment.Compile)(self) is true;
        }
        catch (CelNoSuchFieldException)
        {
            return false;
        }
    }

    private static object? Value(YamlNode node, YamlNode? schema) => node switch
    {
        YamlMappingNode mapping => Map(mapping, schema),
        YamlSequenceNode sequence => sequence.Children.Select(item => Value(item, schema?.At("items"))).ToArray(),
        _ => Scalar((YamlScalarNode)node),
    };

    private static Dictionary<string, object?> Map(YamlMappingNode mapping, YamlNode? schema)
    {
        var properties = schema?.Entries("properties") ?? [];
        var additional = schema?.At("additionalProperties");
        var values = mapping.Entries().ToDictionary(entry => entry.Key, entry => Value(entry.Value, properties.GetValueOrDefault(entry.Key) ?? additional));
        foreach (var (name, property) in properties)
        {
            if (!values.ContainsKey(name) && property.At("default") is { } byDefault)
            {
                values[name] = Value(byDefault, property);
            }
        }

        return values;
    }

    private static object? Scalar(YamlScalarNode scalar) => Yaml.TypeOf(scalar) switch
    {
        "integer" => long.Parse(scalar.Value!, CultureInfo.InvariantCulture),
        "number" => double.Parse(scalar.Value!, CultureInfo.InvariantCulture),
        "boolean" => scalar.Value == "true",
        "null" => null,
        _ => scalar.Value,
    };
}
