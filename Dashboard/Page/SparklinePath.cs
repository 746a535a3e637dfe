using System.Globalization;
using System.Text;

namespace LlmdAspire.Dashboard.Page;

/// <summary>Turns the points of a chart into SVG path data; a value that is not known leaves a gap.</summary>
internal static class SparklinePath
{
    public const int Width = 120;
    public const int Height = 28;

    /// <summary>Path data with time running to the right edge, scaled so that the largest value touches the top; empty without values.</summary>
    /// <param name="values">Oldest first.</param>
    /// <param name="capacity">How many points fill the whole width.</param>
    /// <param name="top">The value at the top edge; the largest value when absent.</param>
    public static string Of(IReadOnlyList<double?> values, int capacity, double? top = null)
    {
        var max = top ?? values.Max() ?? 0;
        var path = new StringBuilder();
        var drawing = false;
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] is not { } value)
            {
                drawing = false;
                continue;
            }

            var x = Width * (capacity - values.Count + i) / (double)(capacity - 1);
            // One unit of air at top and bottom keeps the line's own width inside the picture.
            var y = Height - 1 - (max > 0 ? Math.Clamp(value / max, 0, 1) * (Height - 2) : 0);
            path.Append(CultureInfo.InvariantCulture, $"{(drawing ? 'L' : 'M')}{x:0.#} {y:0.#}");
            // A lone point between gaps is drawn as a dot by the round line cap.
            if (!drawing && (i + 1 == values.Count || values[i + 1] is null))
            {
                path.Append("h0");
            }

            drawing = true;
        }

        return path.ToString();
    }
}
