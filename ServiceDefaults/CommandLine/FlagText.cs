using System.Globalization;
using System.Text;

namespace LlmdAspire.ServiceDefaults;

/// <summary>Flag values as text: reads them into their type and writes defaults for <c>--help</c>.</summary>
internal static class FlagText
{
    /// <summary>Reads one value.</summary>
    /// <param name="type">Type of the value, or of one element for a list.</param>
    /// <param name="text">As written on the command line, in the environment or in a file.</param>
    /// <param name="value">The value, or null when the text is not one.</param>
    /// <returns>Null, or what the text must be: "must be a whole number".</returns>
    public static string? Read(Type type, string text, out object? value)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        value = null;
        if (type == typeof(string))
        {
            value = text;
            return null;
        }

        if (type == typeof(bool))
        {
            value = ReadSwitch(text);
            return value is null ? "must be true or false" : null;
        }

        if (type == typeof(int) || type == typeof(long))
        {
            if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            {
                return "must be a whole number";
            }

            if (type == typeof(long))
            {
                value = whole;
                return null;
            }

            if (whole is < int.MinValue or > int.MaxValue)
            {
                return $"must be a whole number from {int.MinValue} to {int.MaxValue}";
            }

            value = (int)whole;
            return null;
        }

        if (type == typeof(double))
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
            {
                return "must be a number";
            }

            value = number;
            return null;
        }

        if (type == typeof(Uri))
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out var uri))
            {
                return "must be a URL such as http://127.0.0.1:8000";
            }

            value = uri;
            return null;
        }

        if (type.IsEnum)
        {
            return ReadEnum(type, text, out value);
        }

        throw new NotSupportedException($"Flags of type {type} are not supported; add it to {nameof(FlagText)}.");
    }

    /// <summary>Reads the spellings of a switch, or null when the text is none of them.</summary>
    public static bool? ReadSwitch(string text) => text.ToLowerInvariant() switch
    {
        "true" or "on" or "yes" or "1" => true,
        "false" or "off" or "no" or "0" => false,
        _ => null,
    };

    /// <summary>Writes a default for <c>--help</c>; null when there is nothing to show.</summary>
    public static string? Write(object? value) => value switch
    {
        null or "" => null,
        bool on => on ? "on" : "off",
        TimeSpan duration => WriteDuration(duration),
        Enum name => Kebab(name.ToString()),
        Array list => list.Length == 0 ? null : string.Join(' ', list.Cast<object?>().Select(Write)),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static string? ReadEnum(Type type, string text, out object? value)
    {
        var wanted = text.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
        var name = Enum.GetNames(type).FirstOrDefault(known => known.Equals(wanted, StringComparison.OrdinalIgnoreCase));
        value = name is null ? null : Enum.Parse(type, name);
        return name is null ? $"must be {OneOf(Enum.GetNames(type).Select(Kebab).ToArray())}" : null;
    }

    private static string OneOf(string[] names) =>
        names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}";

    private static string WriteDuration(TimeSpan duration) => duration switch
    {
        { Ticks: 0 } => "0s",
        _ when duration.Ticks % TimeSpan.TicksPerHour == 0 => Invariant($"{duration.TotalHours}h"),
        _ when duration.Ticks % TimeSpan.TicksPerMinute == 0 => Invariant($"{duration.TotalMinutes}m"),
        _ when duration.Ticks % TimeSpan.TicksPerSecond == 0 => Invariant($"{duration.TotalSeconds}s"),
        _ => Invariant($"{duration.TotalMilliseconds}ms"),
    };

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static string Kebab(string name)
    {
        var kebab = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && kebab.Length > 0)
            {
                kebab.Append('-');
            }

            kebab.Append(char.ToLowerInvariant(letter));
        }

        return kebab.ToString();
    }
}
