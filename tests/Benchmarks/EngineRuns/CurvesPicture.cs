using System.Globalization;
using System.Text;

namespace LlmdAspire.Benchmarks.EngineRuns;

/// <summary>One curve, a value for each concurrency.</summary>
internal sealed record Curve(string Title, IReadOnlyList<double> Values);

/// <summary>Curves side by side as SVG, concurrency in powers of two along the bottom; readable on light and dark ground.</summary>
internal static class CurvesPicture
{
    private const int Width = 300;
    private const int Height = 200;
    private const int Left = 55;
    private const int Top = 60;
    private const int Gap = 30;
    private const int Lines = 4;

    public static string Of(string title, IReadOnlyList<int> concurrencies, IReadOnlyList<Curve> curves)
    {
        var svg = new StringBuilder();
        var width = (curves.Count * (Left + Width + Gap)) + Gap;
        _ = svg.AppendLine(Invariant($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {Top + Height + 60}" font-family="sans-serif" font-size="12" fill="#777">"""));
        _ = svg.AppendLine(Invariant($"""<title>{title}</title><text x="{width / 2}" y="22" text-anchor="middle" font-size="15">{title}</text>"""));
        for (var i = 0; i < curves.Count; i++)
        {
            Draw(svg, Gap + Left + (i * (Left + Width + Gap)), concurrencies, curves[i]);
        }

        return svg.AppendLine("</svg>").ToString();
    }

    private static void Draw(StringBuilder svg, int left, IReadOnlyList<int> concurrencies, Curve curve)
    {
        var most = RoundUp(curve.Values.Max());
        _ = svg.AppendLine(Invariant($"""<text x="{left + (Width / 2)}" y="{Top - 14}" text-anchor="middle">{curve.Title}</text>"""));
        for (var line = 0; line <= Lines; line++)
        {
            var y = Top + Height - (Height * line / Lines);
            _ = svg.AppendLine(Invariant($"""<line x1="{left}" y1="{y}" x2="{left + Width}" y2="{y}" stroke="#9996" /><text x="{left - 6}" y="{y + 4}" text-anchor="end">{most * line / Lines:0.##}</text>"""));
        }

        var points = new List<string>();
        for (var i = 0; i < concurrencies.Count; i++)
        {
            var x = left + (Width * Math.Log2(concurrencies[i]) / Math.Log2(concurrencies[^1]));
            var y = Top + Height - (Height * curve.Values[i] / most);
            points.Add(Invariant($"{x:0.#},{y:0.#}"));
            _ = svg.AppendLine(Invariant($"""<circle cx="{x:0.#}" cy="{y:0.#}" r="3" fill="#2a7de1" />"""));
            if (i % 2 == 0)
            {
                _ = svg.AppendLine(Invariant($"""<text x="{x:0.#}" y="{Top + Height + 18}" text-anchor="middle">{concurrencies[i]}</text>"""));
            }
        }

        _ = svg.AppendLine(Invariant($"""<polyline points="{string.Join(' ', points)}" fill="none" stroke="#2a7de1" stroke-width="2" />"""));
        _ = svg.AppendLine(Invariant($"""<text x="{left + (Width / 2)}" y="{Top + Height + 40}" text-anchor="middle">concurrent requests</text>"""));
    }

    /// <summary>The next of 1, 2, 4 or 8 times a power of ten, so that the lines stand at round numbers.</summary>
    private static double RoundUp(double value)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return new[] { 1.0, 2, 4, 8, 10 }.First(step => step * power >= value) * power;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
