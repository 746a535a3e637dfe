using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace LlmdAspire.Scheduling.Configuration;

/// <summary>A YAML map that is read strictly: what nobody asked for by the end is a mistake.</summary>
internal sealed class ConfigurationMap
{
    private readonly YamlMappingNode? _node;
    private readonly ConfigurationMistakes _mistakes;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <param name="node">Null or an empty value reads as an empty map.</param>
    /// <param name="where">What the map belongs to, for messages: <c>plugin 'queue-scorer'</c>.</param>
    public ConfigurationMap(YamlNode? node, string where, ConfigurationMistakes mistakes)
    {
        Where = where;
        _mistakes = mistakes;
        _node = node as YamlMappingNode;
        if (_node is null && node is not null and not YamlScalarNode { Value: null or "" or "null" or "~" })
        {
            mistakes.Add(node, $"{where} must be a map.");
        }
    }

    public string Where { get; }

    public bool IsEmpty => _node is null || _node.Children.Count == 0;

    public YamlNode? Take(string name)
    {
        _ = _read.Add(name);
        return _node is not null && _node.Children.TryGetValue(new YamlScalarNode(name), out var value) && !IsNull(value) ? value : null;
    }

    public string? Text(string name)
    {
        var value = Take(name);
        if (value is null or YamlScalarNode)
        {
            return (value as YamlScalarNode)?.Value;
        }

        _mistakes.Add(value, $"{Where}: {name} must be a text.");
        return null;
    }

    public bool Flag(string name, bool defaultValue) => Text(name) switch
    {
        null => defaultValue,
        "true" => true,
        "false" => false,
        var text => Wrong(name, text, "true or false", defaultValue),
    };

    public int Whole(string name, int defaultValue, int least = 0) =>
        Text(name) is not { } text ? defaultValue
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least ? value
        : Wrong(name, text, $"a whole number of at least {least}", defaultValue);

    public double Number(string name, double defaultValue, double least, double most) =>
        Text(name) is not { } text ? defaultValue
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
        : Wrong(name, text, most == double.MaxValue ? $"a number of at least {least}" : $"a number from {least} to {most}", defaultValue);

    /// <summary>A duration above zero, such as <c>200ms</c>.</summary>
    public TimeSpan Duration(string name, TimeSpan defaultValue) =>
        Text(name) is not { } text ? defaultValue
        : Protocols.Duration.TryParse(text, TimeSpan.Zero, out var value) && value > TimeSpan.Zero ? value
        : Wrong(name, text, "a duration such as 200ms", defaultValue);

    public ConfigurationMap Map(string name) => new(Take(name), $"{Where}: {name}", _mistakes);

    public IEnumerable<YamlNode> Items(string name)
    {
        switch (Take(name))
        {
            case null:
                return [];
            case YamlSequenceNode list:
                return list.Children;
            case var other:
                _mistakes.Add(other, $"{Where}: {name} must be a list.");
                return [];
        }
    }

    public IReadOnlyList<string> Texts(string name) =>
        [.. Items(name).Select(item => (item as YamlScalarNode)?.Value ?? "")];

    /// <summary>The entries of a map from text to text.</summary>
    public IEnumerable<KeyValuePair<string, string>> Pairs(string name)
    {
        if (Take(name) is not { } node)
        {
            yield break;
        }

        if (node is not YamlMappingNode map)
        {
            _mistakes.Add(node, $"{Where}: {name} must be a map.");
            yield break;
        }

        foreach (var (key, value) in map.Children)
        {
            yield return new((key as YamlScalarNode)?.Value ?? "", (value as YamlScalarNode)?.Value ?? "");
        }
    }

    /// <summary>Accepts members whose content means nothing here.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            _ = _read.Add(name);
        }
    }

    /// <summary>Everything that will be read was read: the rest are mistakes.</summary>
    public void End()
    {
        foreach (var key in _node?.Children.Keys ?? [])
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (!_read.Contains(name))
            {
                var known = _read.Count == 0 ? "it takes none" : $"known are {string.Join(", ", _read.Order(StringComparer.Ordinal))}";
                _mistakes.Add(key, $"{Where} has an unknown field '{name}'; {known}.");
            }
        }
    }

    private static bool IsNull(YamlNode value) =>
        value is YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: null or "" or "null" or "~" };

    private T Wrong<T>(string name, string text, string expected, T defaultValue)
    {
        _mistakes.Add(Take(name)!, $"{Where}: {name} is '{text}'; it must be {expected}.");
        return defaultValue;
    }
}
