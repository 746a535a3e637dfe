using System.Globalization;

namespace LlmdAspire.Bench.CommandLine;

/// <summary>Numbers that flags of other types hold.</summary>
internal static class Numbers
{
    /// <summary>A number above 0, or <c>inf</c>; null for anything else.</summary>
    public static double? Rate(string text) => text.ToLowerInvariant() is "inf" or "infinity" ? double.PositiveInfinity
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate > 0 && double.IsFinite(rate) ? rate : null;

    /// <summary>Numbers between commas; null when one is none.</summary>
    public static IReadOnlyList<double>? List(string text)
    {
        var numbers = new List<double>();
        foreach (var part in text.Split(','))
        {
            if (!double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            numbers.Add(number);
        }

        return numbers;
    }
}
