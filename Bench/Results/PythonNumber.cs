using System.Globalization;

namespace LlmdAspire.Bench.Results;

/// <summary>Numbers as Python writes them, for texts that other programs' readers know.</summary>
internal static class PythonNumber
{
    /// <summary>As <c>repr</c>: the shortest text that reads back the same, with a decimal point: <c>10.0</c>, <c>0.1</c>, <c>1e-05</c>, <c>inf</c>.</summary>
    public static string Repr(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        var text = value.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
        return text.AsSpan().IndexOfAny('.', 'e') >= 0 ? text : text + ".0";
    }

    /// <summary>As <c>.2f</c>: two decimals; what lies exactly in the middle goes to the even one.</summary>
    public static string TwoDecimals(double value)
    {
        // Only eighths end in a 5 at the third decimal exactly; a decimal holds them without error.
        var eighths = value * 8;
        var isMiddle = Math.Abs(value) < 1e15 && eighths == Math.Floor(eighths);
        return isMiddle
            ? Math.Round((decimal)value, 2, MidpointRounding.ToEven).ToString("F2", CultureInfo.InvariantCulture)
            : value.ToString("F2", CultureInfo.InvariantCulture);
    }
}
