using System.Globalization;

namespace LlmdAspire.AppHost;

/// <summary>Turns option texts into values; a text that is not one becomes a mistake that names the option and the remedy.</summary>
internal sealed class OptionValues(Func<string, string?> find, List<string> mistakes)
{
    public string? TextOrNull(string name) => find(name) is { Length: > 0 } text ? text : null;

    public string Text(string name, string defaultValue) => TextOrNull(name) ?? defaultValue;

    /// <summary>A file to write; its folder must be there.</summary>
    public string? FileOrNull(string name)
    {
        var path = TextOrNull(name);
        if (path is not null && Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
        {
            mistakes.Add($"--{name} is '{path}'; the folder {folder} does not exist: create it, or choose another file.");
        }

        return path;
    }

    public T OneOf<T>(string name, IReadOnlyDictionary<string, T> choices, string defaultChoice)
    {
        var text = Text(name, defaultChoice);
        if (choices.TryGetValue(text, out var value))
        {
            return value;
        }

        mistakes.Add($"--{name} is '{text}'; it must be one of {string.Join(", ", choices.Keys)}.");
        return choices[defaultChoice];
    }

    public PortChoice Port(string name, int defaultPort)
    {
        var text = Text(name, defaultPort.ToString(CultureInfo.InvariantCulture));
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65535)
        {
            mistakes.Add($"--{name} is '{text}'; it must be a port from 1 to 65535, or 0 for any free one.");
            return new PortChoice(name, defaultPort, defaultPort);
        }

        return new PortChoice(name, port, defaultPort);
    }

    public double Factor(string name, double defaultValue)
    {
        var text = Text(name, defaultValue.ToString(CultureInfo.InvariantCulture));
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var factor) || !double.IsFinite(factor) || factor <= 0)
        {
            mistakes.Add($"--{name} is '{text}'; it must be a number above 0, such as 10.");
            return defaultValue;
        }

        return factor;
    }
}
