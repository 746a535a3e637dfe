using System.Globalization;
using System.Text.RegularExpressions;

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

    /// <summary>A whole number of at least <paramref name="minimum"/>; null when there is none.</summary>
    /// <param name="name">The option.</param>
    /// <param name="because">Why it may not be less, for the message.</param>
    /// <param name="minimum">The least it may be.</param>
    public int? CountOrNull(string name, string? because = null, int minimum = 1)
    {
        if (TextOrNull(name) is not { } text)
        {
            return null;
        }

        if (TryCount(text, minimum, out var count))
        {
            return count;
        }

        mistakes.Add(string.Create(
            CultureInfo.InvariantCulture, $"--{name} is '{text}'; it must be a whole number of at least {minimum}{(because is null ? "" : $": {because}")}."));
        return null;
    }

    /// <summary>One number for both, or two with a comma between; nulls when there is none.</summary>
    public (int? First, int? Second) OneOrTwoCounts(string name)
    {
        if (TextOrNull(name) is not { } text)
        {
            return (null, null);
        }

        switch (text.Split(','))
        {
            case [var both] when TryCount(both, 1, out var count):
                return (count, count);
            case [var left, var right] when TryCount(left, 1, out var first) && TryCount(right, 1, out var second):
                return (first, second);
            default:
                mistakes.Add($"--{name} is '{text}'; it must be a whole number of at least 1, or two such as 1,4 for prefill and decode engines.");
                return (null, null);
        }
    }

    /// <summary>Quantities of CPUs: one for both, or two with a comma between; nulls when there is none.</summary>
    public (string? First, string? Second) OneOrTwoCpus(string name) =>
        OneOrTwo(name, NamePatterns.Cpus(), "CPUs, such as 16 or 500m, or two such as 8,16 for prefill and decode engines");

    /// <summary>Quantities of bytes, likewise.</summary>
    public (string? First, string? Second) OneOrTwoSizes(string name) =>
        OneOrTwo(name, NamePatterns.Bytes(), "a size with its unit, such as 64Gi, or two such as 64Gi,800Gi for prefill and decode engines");

    /// <summary>Names with priorities, such as <c>chat=10,batch=-1</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> Priorities(string name)
    {
        var priorities = new List<KeyValuePair<string, int>>();
        foreach (var text in TextOrNull(name)?.Split(',') ?? [])
        {
            if (text.Split('=') is not [{ Length: <= 63 } key, var value] || !NamePatterns.DnsLabel().IsMatch(key)
                || !int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority))
            {
                mistakes.Add($"--{name} has '{text}'; it must be a name and a priority, such as chat=10 or batch=-1, several with commas between.");
            }
            else if (priorities.Exists(known => known.Key == key))
            {
                mistakes.Add($"--{name} names '{key}' twice; keep one.");
            }
            else
            {
                priorities.Add(new(key, priority));
            }
        }

        return priorities;
    }

    /// <summary>An address to send requests to.</summary>
    public string HttpAddress(string name, string defaultValue)
    {
        var text = Text(name, defaultValue);
        if (NamePatterns.HttpAddress().IsMatch(text))
        {
            return text;
        }

        mistakes.Add($"--{name} is '{text}'; it must be an address such as {defaultValue}.");
        return defaultValue;
    }

    /// <summary>A name and how many of it, such as <c>rdma/ib=1</c>.</summary>
    public KeyValuePair<string, int>? NamedCount(string name)
    {
        var text = Text(name, "");
        if (text.Split('=') is [var left, var right] && NamePatterns.DeviceResource().IsMatch(left) && TryCount(right, 1, out var count))
        {
            return new(left, count);
        }

        mistakes.Add($"--{name} is '{text}'; it must be a resource and how many of it a pod gets, such as rdma/ib=1, or none.");
        return null;
    }

    /// <summary>Labels, such as <c>a=b,c=d</c>.</summary>
    public IReadOnlyDictionary<string, string> Pairs(string name)
    {
        var pairs = new Dictionary<string, string>();
        foreach (var text in TextOrNull(name)?.Split(',') ?? [])
        {
            if (text.Split('=') is [var key, var value] && NamePatterns.LabelKey().IsMatch(key) && NamePatterns.LabelValue().IsMatch(value))
            {
                pairs[key] = value;
            }
            else
            {
                mistakes.Add($"--{name} has '{text}'; it must be a label and its value, such as nvidia.com/gpu.product=NVIDIA-H200, several with commas between.");
            }
        }

        return pairs;
    }

    /// <summary>A name as Kubernetes wants them; null when there is none.</summary>
    public string? DnsLabel(string name, int maxLength) => Matching(
        name, NamePatterns.DnsLabel(), maxLength, $"it must have at most {maxLength} lower-case letters, digits and hyphens, and begin and end with a letter or digit");

    /// <summary>A part of names that are put together from several; null when there is none.</summary>
    public string? NamePart(string name, int maxLength) => Matching(
        name, NamePatterns.NamePart(), maxLength, $"it must have at most {maxLength} lower-case letters, digits and single hyphens, and begin and end with a letter or digit");

    /// <summary>A name with dots, as Kubernetes wants them; null when there is none.</summary>
    public string? DnsSubdomain(string name) => Matching(
        name, NamePatterns.DnsSubdomain(), 253, "it must have at most 253 lower-case letters, digits, hyphens and dots, and begin and end with a letter or digit");

    /// <summary>A registry and path; null when there is none.</summary>
    public string? ImagePath(string name) => Matching(
        name, NamePatterns.ImagePath(), 255, "it must be a registry and path without scheme and tag, such as registry.example.com/llm");

    /// <summary>A tag of images; null when there is none.</summary>
    public string? ImageTag(string name) => Matching(
        name, NamePatterns.ImageTag(), 128, "it must have at most 128 letters, digits, dots, hyphens and underscores");

    private (string? First, string? Second) OneOrTwo(string name, Regex pattern, string rule)
    {
        var texts = TextOrNull(name)?.Split(',');
        if (texts is null)
        {
            return (null, null);
        }

        if (texts.Length <= 2 && texts.All(text => pattern.IsMatch(text)))
        {
            return (texts[0], texts[^1]);
        }

        mistakes.Add($"--{name} is '{string.Join(',', texts)}'; it must be {rule}.");
        return (null, null);
    }

    private string? Matching(string name, Regex pattern, int maxLength, string rule)
    {
        if (TextOrNull(name) is not { } text || (text.Length <= maxLength && pattern.IsMatch(text)))
        {
            return TextOrNull(name);
        }

        mistakes.Add($"--{name} is '{text}'; {rule}.");
        return null;
    }

    private static bool TryCount(string text, int minimum, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count >= minimum;
}
