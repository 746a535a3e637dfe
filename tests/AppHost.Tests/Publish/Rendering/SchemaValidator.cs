using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>Holds an object to its OpenAPI schema as an API server does with strict field validation: an unknown field is an error.</summary>
internal sealed class SchemaValidator(SchemaCatalog catalog)
{
    private static readonly string[] s_ofEveryKind = ["apiVersion", "kind", "metadata"];

    /// <summary>What is wrong with an object, each with the path of the field; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate(RenderedObject rendered)
    {
        if (catalog.Find(rendered.ApiVersion, rendered.Kind) is not { } schema)
        {
            return [$"{rendered}: there is no schema for {rendered.ApiVersion}"];
        }

        // The API server knows these three of every kind; some CRDs do not repeat them.
        var errors = new List<string>();
        Check(rendered.Root, schema, rendered.ToString(), errors);
        errors.RemoveAll(error => s_ofEveryKind.Any(field => error == $"{rendered}.{field} is unknown"));
        if (rendered.Root.At("metadata") is { } metadata)
        {
            Check(metadata, catalog.Metadata, $"{rendered}.metadata", errors);
        }

        return errors;
    }

    private void Check(YamlNode node, YamlNode schema, string path, List<string> errors)
    {
        schema = Resolve(schema);
        var type = Yaml.TypeOf(node);
        var wanted = schema.Text("type");
        if (schema.Text("x-kubernetes-int-or-string") == "true" || schema.Text("format") == "int-or-string")
        {
            if (type is not ("integer" or "string"))
            {
                errors.Add($"{path} is {type}, not an integer or a string");
            }

            return;
        }

        if (wanted is not null && type != wanted && !(wanted == "number" && type == "integer") && !(type == "null" && schema.Text("nullable") == "true"))
        {
            errors.Add($"{path} is {type}, not {wanted}");
            return;
        }

        CheckAlternatives(node, schema, path, errors);
        errors.AddRange(SchemaRules.BrokenBy(node, schema).Select(message => $"{path}: {message}"));
        switch (node)
        {
            case YamlMappingNode mapping:
                CheckObject(mapping, schema, path, errors);
                break;
            case YamlSequenceNode sequence:
                CheckArray(sequence, schema, path, errors);
                break;
            case YamlScalarNode scalar:
                CheckScalar(scalar.Value ?? "", schema, path, errors);
                break;
        }
    }

    private void CheckObject(YamlMappingNode mapping, YamlNode schema, string path, List<string> errors)
    {
        var properties = schema.Entries("properties");
        var additional = schema.At("additionalProperties");
        var isOpen = schema.Text("x-kubernetes-preserve-unknown-fields") == "true" || (properties.Count == 0 && additional is null);
        var fields = mapping.Entries();
        errors.AddRange(schema.Texts("required").Where(name => !fields.ContainsKey(name)).Select(name => $"{path}.{name} is required"));
        foreach (var (name, value) in fields)
        {
            if (properties.TryGetValue(name, out var property))
            {
                Check(value, property, $"{path}.{name}", errors);
            }
            else if (additional is YamlMappingNode)
            {
                Check(value, additional, $"{path}.{name}", errors);
            }
            else if (!isOpen && (additional as YamlScalarNode)?.Value != "true")
            {
                errors.Add($"{path}.{name} is unknown");
            }
        }
    }

    private void CheckArray(YamlSequenceNode sequence, YamlNode schema, string path, List<string> errors)
    {
        if (Number(schema, "minItems") is { } least && sequence.Children.Count < least)
        {
            errors.Add($"{path} has fewer than {least} items");
        }

        if (Number(schema, "maxItems") is { } most && sequence.Children.Count > most)
        {
            errors.Add($"{path} has more than {most} items");
        }

        if (schema.At("items") is { } items)
        {
            for (var i = 0; i < sequence.Children.Count; i++)
            {
                Check(sequence.Children[i], items, $"{path}[{i}]", errors);
            }
        }
    }

    private static void CheckScalar(string value, YamlNode schema, string path, List<string> errors)
    {
        var choices = schema.Texts("enum").ToList();
        if (choices.Count > 0 && !choices.Contains(value))
        {
            errors.Add($"{path} is '{value}', not one of {string.Join(", ", choices)}");
        }

        if (schema.Text("pattern") is { } pattern && !Regex.IsMatch(value, pattern))
        {
            errors.Add($"{path} is '{value}', which does not match {pattern}");
        }

        if (Number(schema, "maxLength") is { } longest && value.Length > longest)
        {
            errors.Add($"{path} has more than {longest} characters");
        }

        if (Number(schema, "minLength") is { } shortest && value.Length < shortest)
        {
            errors.Add($"{path} has fewer than {shortest} characters");
        }

        if (double.TryParse(value, CultureInfo.InvariantCulture, out var number))
        {
            if (number < Number(schema, "minimum"))
            {
                errors.Add($"{path} is {value}, less than {Number(schema, "minimum")}");
            }

            if (number > Number(schema, "maximum"))
            {
                errors.Add($"{path} is {value}, more than {Number(schema, "maximum")}");
            }
        }
    }

    // Branches only add conditions to fields that the schema itself names, so their own unknown fields do not count.
    private void CheckAlternatives(YamlNode node, YamlNode schema, string path, List<string> errors)
    {
        var any = schema.Items("anyOf").ToList();
        if (any.Count > 0 && !any.Exists(branch => Fits(node, branch)))
        {
            errors.Add($"{path} fits none of the alternatives");
        }

        var one = schema.Items("oneOf").ToList();
        if (one.Count > 0 && one.Count(branch => Fits(node, branch)) != 1)
        {
            errors.Add($"{path} must fit exactly one of the alternatives");
        }

        if (schema.At("not") is { } not && Fits(node, not))
        {
            errors.Add($"{path} fits what it must not");
        }
    }

    private bool Fits(YamlNode node, YamlNode branch)
    {
        var errors = new List<string>();
        Check(node, branch, "", errors);
        return errors.TrueForAll(error => error.EndsWith(" is unknown", StringComparison.Ordinal));
    }

    private YamlNode Resolve(YamlNode schema)
    {
        // The API server writes a reference with a description as allOf of one.
        var reference = schema.Text("$ref") ?? (schema.Items("allOf").ToList() is [var only] ? only.Text("$ref") : null);
        return reference is null ? schema : Resolve(catalog.Named(reference[(reference.LastIndexOf('/') + 1)..]));
    }

    private static double? Number(YamlNode schema, string name) =>
        double.TryParse(schema.Text(name), CultureInfo.InvariantCulture, out var number) ? number : null;
}
