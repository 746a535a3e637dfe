using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace LlmdAspire.ServiceDefaults;

/// <summary>Reads the file of <c>--config</c>: JSON when it is called .json or begins with a brace, else YAML.</summary>
internal static class ConfigurationFile
{
    /// <summary>The keys of the file with their values as a command line would write them; null stands for "not set".</summary>
    /// <exception cref="UsageException">The file cannot be read; the message names it and the remedy.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>?> Read(string path)
    {
        var text = ReadText(path);
        var isJson = Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase) || text.AsSpan().TrimStart().StartsWith("{");
        try
        {
            var root = isJson ? ReadJson(text) : ReadYaml(text);
            return root.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<string>?)ToValues(pair.Value), StringComparer.Ordinal);
        }
        catch (Exception e) when (e is JsonException or YamlException or FormatException or ArgumentException)
        {
            throw new UsageException($"{path} is not valid {(isJson ? "JSON" : "YAML")}: {OneLine(e.Message)}");
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException($"--config names {path}, which does not exist.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"--config names {path}, which cannot be read: {OneLine(e.Message)}");
        }
    }

    private static JsonObject ReadJson(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return [];
        }

        var options = new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };
        return JsonNode.Parse(text, documentOptions: options) as JsonObject ?? throw new FormatException(NotAMap);
    }

    private static JsonObject ReadYaml(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Count switch
        {
            0 => [],
            1 when ToJson(stream.Documents[0].RootNode) is JsonObject map => map,
            1 => throw new FormatException(NotAMap),
            _ => throw new FormatException("it holds several documents; one is read."),
        };
    }

    private const string NotAMap = "the top level must map flag names to values.";

    private static string[]? ToValues(JsonNode? value) => value switch
    {
        null => null,
        JsonArray list => list.Select(ToText).ToArray(),
        _ => [ToText(value)],
    };

    // An object becomes JSON text: flags such as --kv-events-config take JSON anyway.
    private static string ToText(JsonNode? value) => value switch
    {
        JsonValue scalar when scalar.TryGetValue<string>(out var text) => text,
        null => "",
        _ => value.ToJsonString(),
    };

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Select(pair => KeyValuePair.Create(ToKey(pair.Key), ToJson(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(scalar.Value ?? ""),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value ?? ""),
        _ => throw new FormatException($"line {node.Start.Line} holds something that is neither a value, a list nor a map."),
    };

    private static string ToKey(YamlNode node) => node is YamlScalarNode scalar
        ? scalar.Value ?? ""
        : throw new FormatException($"line {node.Start.Line} has a key that is a list or a map.");

    // Numbers keep their spelling unless JSON has it too, so that a version "1.10" stays what it is.
    private static JsonValue? Plain(string text) => text switch
    {
        "" or "~" or "null" => null,
        "true" or "True" => JsonValue.Create(true),
        "false" or "False" => JsonValue.Create(false),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number.ToString(CultureInfo.InvariantCulture) == text => JsonValue.Create(number),
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number.ToString("R", CultureInfo.InvariantCulture) == text => JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };

    private static string OneLine(string message) => message.ReplaceLineEndings(" ");
}
