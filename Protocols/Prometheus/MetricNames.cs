using System.Text;

namespace LlmdAspire.Protocols.Prometheus;

/// <summary>Names as Prometheus wants them, made from names as OpenTelemetry has them.</summary>
public static class MetricNames
{
    private static readonly Dictionary<string, string> s_units = new(StringComparer.Ordinal)
    {
        ["d"] = "days", ["h"] = "hours", ["min"] = "minutes", ["s"] = "seconds", ["ms"] = "milliseconds", ["us"] = "microseconds", ["ns"] = "nanoseconds",
        ["By"] = "bytes", ["KiBy"] = "kibibytes", ["MiBy"] = "mebibytes", ["GiBy"] = "gibibytes", ["KBy"] = "kilobytes", ["MBy"] = "megabytes", ["GBy"] = "gigabytes",
        ["V"] = "volts", ["A"] = "amperes", ["J"] = "joules", ["W"] = "watts", ["Cel"] = "celsius", ["Hz"] = "hertz", ["%"] = "percent",
    };

    private const string Count = "_count";

    /// <summary>The family name of an instrument: dots become underscores, the unit and, for a counter, <c>total</c> are appended where they lack.</summary>
    /// <remarks>A gauge whose name ends in <c>count</c> (<c>dotnet.timer.count</c>) is named after what it counts (<c>dotnet_timers</c>): the suffix belongs to histograms, and promtool objects.</remarks>
    /// <param name="name">Instrument name, for example <c>llmd.router.request.duration</c>.</param>
    /// <param name="unit">UCUM unit, for example <c>s</c>, <c>By</c>, <c>1</c> or an annotation such as <c>{request}</c>.</param>
    /// <param name="type">What the instrument measures.</param>
    public static string OfInstrument(string name, string? unit, MetricType type)
    {
        var text = ToMetricName(name).TrimEnd('_');
        if (type == MetricType.Counter && text.EndsWith("_total", StringComparison.Ordinal))
        {
            text = text[..^"_total".Length];
        }

        var suffix = unit == "1" && type == MetricType.Gauge ? "ratio" : UnitSuffix(unit);
        if (suffix.Length > 0 && text != suffix && !text.EndsWith("_" + suffix, StringComparison.Ordinal))
        {
            text += "_" + suffix;
        }

        return type switch
        {
            MetricType.Counter => text + "_total",
            MetricType.Gauge when text.EndsWith(Count, StringComparison.Ordinal) => Plural(text[..^Count.Length]),
            _ => text,
        };
    }

    /// <summary>Replaces what a metric name may not hold by underscores, several at once by one.</summary>
    public static string ToMetricName(string name) => Clean(name, allowColon: true);

    /// <summary>Replaces what a label name may not hold by underscores, several at once by one.</summary>
    public static string ToLabelName(string name) => Clean(name, allowColon: false);

    private static string Plural(string noun) =>
        noun.EndsWith('y') ? noun[..^1] + "ies" : noun.EndsWith('s') ? noun : noun + "s";

    private static string UnitSuffix(string? unit)
    {
        var slash = unit?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash < 0)
        {
            return SimpleUnitSuffix(unit);
        }

        var amount = SimpleUnitSuffix(unit![..slash]);
        var per = SimpleUnitSuffix(unit[(slash + 1)..]).TrimEnd('s');
        return per.Length == 0 ? amount : amount.Length == 0 ? "per_" + per : $"{amount}_per_{per}";
    }

    private static string SimpleUnitSuffix(string? unit)
    {
        // Braces hold an annotation, which says what is counted and is no unit.
        if (string.IsNullOrEmpty(unit) || unit == "1" || unit.StartsWith('{'))
        {
            return "";
        }

        return s_units.TryGetValue(unit, out var known) ? known : ToMetricName(unit).Trim('_');
    }

    private static string Clean(string name, bool allowColon)
    {
        if (name.Length == 0)
        {
            return "_";
        }

        if (IsClean(name, allowColon))
        {
            return name;
        }

        var clean = new StringBuilder(name.Length + 1);
        if (char.IsAsciiDigit(name[0]))
        {
            _ = clean.Append('_');
        }

        foreach (var letter in name)
        {
            if (IsAllowed(letter, allowColon) && letter != '_')
            {
                _ = clean.Append(letter);
            }
            else if (clean.Length == 0 || clean[^1] != '_')
            {
                _ = clean.Append('_');
            }
        }

        return clean.ToString();
    }

    private static bool IsClean(string name, bool allowColon)
    {
        if (char.IsAsciiDigit(name[0]) || name.StartsWith("__", StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var letter in name)
        {
            if (!IsAllowed(letter, allowColon))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsAllowed(char letter, bool allowColon) =>
        char.IsAsciiLetterOrDigit(letter) || letter == '_' || (allowColon && letter == ':');
}
