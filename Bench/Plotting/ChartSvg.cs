using System.Globalization;
using System.Net;
using System.Text;

namespace LlmdAspire.Bench.Plotting;

/// <summary>Draws a chart as SVG: small enough for a phone, colours from the page's style sheet.</summary>
internal static class ChartSvg
{
    // Units of the drawing; text of 12 of them is readable on a phone of 360 pixels, where one unit is a little less than a pixel.
    private const int Width = 400;
    private const int Height = 260;
    private const int Left = 52;
    // Half of the last label of the axis lies beyond its end.
    private const int Right = 24;
    private const int Top = 12;
    private const int Bottom = 42;

    /// <summary>Colours and dashes that the style sheet knows.</summary>
    public const int Styles = 8;

    public static void Write(StringBuilder html, Chart chart)
    {
        var x = new Axis(chart.Lines.Max(line => line.Points.Max(point => point.X)));
        var y = new Axis(chart.Lines.Max(line => line.Points.Max(point => point.Y)));
        html.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Encode(Summary(chart))}\">");
        WriteAxes(html, chart, x, y);
        for (var i = 0; i < chart.Lines.Count; i++)
        {
            WriteLine(html, chart, chart.Lines[i], i % Styles, x, y);
        }

        html.Append("</svg>");
    }

    private static void WriteAxes(StringBuilder html, Chart chart, Axis x, Axis y)
    {
        for (var i = 0; i <= y.Count; i++)
        {
            var at = Y(y, i * y.Step);
            html.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{at:F1}\" y2=\"{at:F1}\"/>");
            html.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"{at + 4:F1}\" text-anchor=\"end\">{Axis.Label(i * y.Step)}</text>");
        }

        for (var i = 0; i <= x.Count; i++)
        {
            var at = X(x, i * x.Step);
            html.Append(CultureInfo.InvariantCulture, $"<line class=\"tick\" x1=\"{at:F1}\" x2=\"{at:F1}\" y1=\"{Height - Bottom}\" y2=\"{Height - Bottom + 4}\"/>");
            html.Append(CultureInfo.InvariantCulture, $"<text x=\"{at:F1}\" y=\"{Height - Bottom + 17}\" text-anchor=\"middle\">{Axis.Label(i * x.Step)}</text>");
        }

        html.Append(CultureInfo.InvariantCulture, $"<text class=\"axis\" x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 6}\" text-anchor=\"middle\">{Encode(chart.XTitle)}</text>");
    }

    private static void WriteLine(StringBuilder html, Chart chart, Line line, int style, Axis x, Axis y)
    {
        html.Append(CultureInfo.InvariantCulture, $"<polyline class=\"line s{style}\" points=\"");
        foreach (var point in line.Points)
        {
            html.Append(CultureInfo.InvariantCulture, $"{X(x, point.X):F1},{Y(y, point.Y):F1} ");
        }

        html.Append("\"/>");
        if (!chart.HasMarks)
        {
            return;
        }

        foreach (var point in line.Points)
        {
            html.Append(CultureInfo.InvariantCulture, $"<circle class=\"mark s{style}\" cx=\"{X(x, point.X):F1}\" cy=\"{Y(y, point.Y):F1}\" r=\"3.5\">");
            html.Append(CultureInfo.InvariantCulture, $"<title>{Encode(line.Name)}: {point.X:0.##}, {point.Y:0.##}</title></circle>");
        }
    }

    private static double X(Axis axis, double value) => Left + axis.Share(value) * (Width - Left - Right);

    private static double Y(Axis axis, double value) => Height - Bottom - axis.Share(value) * (Height - Top - Bottom);

    private static string Summary(Chart chart) =>
        $"{chart.Title}: {string.Join(", ", chart.Lines.Select(line => line.Name))}. The table below has the values.";

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
