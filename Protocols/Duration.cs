using System.Globalization;

namespace LlmdAspire.Protocols;

/// <summary>Durations as flags and configurations write them: a Go-style <c>40ms</c>, <c>1.5s</c>, <c>2m</c>, <c>1h</c>, or a bare number in the unit its place documents.</summary>
public static class Duration
{
    private static readonly (string Suffix, double Seconds)[] s_units =
        [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600)];

    /// <summary>Reads a duration that is not negative.</summary>
    /// <param name="text">For example <c>30s</c>.</param>
    /// <param name="bareUnit">What one unit of a bare number stands for.</param>
    /// <param name="value">The duration, or zero when the text is not one.</param>
    public static bool TryParse(string text, TimeSpan bareUnit, out TimeSpan value)
    {
        value = default;
        var seconds = bareUnit.TotalSeconds;
        var number = text;
        foreach (var (suffix, unit) in s_units)
        {
            // "s" also ends "ms": the first, longer match wins because the list puts it first.
            if (text.EndsWith(suffix, StringComparison.Ordinal))
            {
                seconds = unit;
                number = text[..^suffix.Length];
                break;
            }
        }

        if (!double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var amount)
            || !double.IsFinite(amount) || amount < 0 || amount * seconds > TimeSpan.MaxValue.TotalSeconds / 2)
        {
            return false;
        }

        value = TimeSpan.FromSeconds(amount * seconds);
        return true;
    }
}
