using System.Globalization;
using System.Net;
using System.Text;
using LlmdAspire.Bench.Results;

namespace LlmdAspire.Bench.Plotting;

/// <summary>A page with the figures and charts of some results. It loads nothing and runs no script.</summary>
internal static class PlotPage
{
    public static string Html(string title, IReadOnlyList<SavedResult> results)
    {
        var html = new StringBuilder();
        html.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
        html.Append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
        html.Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">");
        html.Append(CultureInfo.InvariantCulture, $"<title>{Encode(title)}</title><style>{PlotStyle.Css}</style></head><body><main><h1>{Encode(title)}</h1>\n");
        WriteFigures(html, results);
        var charts = Charts.Of(results);
        if (results.All(result => result.Requests.Count == 0))
        {
            html.Append("<p class=\"note\">Results saved with <code>--save-detailed</code> also show how latencies spread and change over time.</p>\n");
        }

        html.Append("<div class=\"charts\">\n");
        foreach (var chart in charts)
        {
            WriteChart(html, chart);
        }

        return html.Append("</div></main></body></html>\n").ToString();
    }

    private static void WriteFigures(StringBuilder html, IReadOnlyList<SavedResult> results)
    {
        // A column that no result fills would only take room.
        var figures = results.SelectMany(Figure.Of).Distinct().Where(figure => figure.Key != "failed" || results.Any(result => Value(result, "failed") > 0)).ToList();
        html.Append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Figures\"><table><thead><tr><th scope=\"col\">Figure</th>");
        foreach (var result in results)
        {
            html.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">{Encode(Heading(result))}</th>");
        }

        html.Append("</tr></thead><tbody>\n");
        foreach (var figure in figures)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{Encode(figure.Title)}</th>");
            foreach (var result in results)
            {
                html.Append(CultureInfo.InvariantCulture, $"<td>{Number(Value(result, figure.Key))}</td>");
            }

            html.Append("</tr>\n");
        }

        html.Append("</tbody></table></div>\n");
    }

    private static void WriteChart(StringBuilder html, Chart chart)
    {
        html.Append(CultureInfo.InvariantCulture, $"<figure><figcaption><h2>{Encode(chart.Title)}</h2><span>{Encode(chart.YTitle)}</span></figcaption>");
        if (chart.Lines.Count > 1)
        {
            html.Append("<ul class=\"legend\">");
            for (var i = 0; i < chart.Lines.Count; i++)
            {
                html.Append(CultureInfo.InvariantCulture, $"<li><svg viewBox=\"0 0 24 8\" aria-hidden=\"true\"><line class=\"line s{i % ChartSvg.Styles}\" x1=\"0\" x2=\"24\" y1=\"4\" y2=\"4\"/></svg>{Encode(chart.Lines[i].Name)}</li>");
            }

            html.Append("</ul>");
        }

        ChartSvg.Write(html, chart);
        WriteValues(html, chart);
        html.Append("</figure>\n");
    }

    private static void WriteValues(StringBuilder html, Chart chart)
    {
        html.Append(CultureInfo.InvariantCulture, $"<details><summary>Values</summary><div class=\"scroll values\" tabindex=\"0\" role=\"region\" aria-label=\"Values of {Encode(chart.Title)}\">");
        html.Append(CultureInfo.InvariantCulture, $"<table><thead><tr><th scope=\"col\">Line</th><th scope=\"col\">{Encode(chart.XTitle)}</th><th scope=\"col\">{Encode(chart.YTitle)}</th></tr></thead><tbody>");
        foreach (var line in chart.Lines)
        {
            foreach (var (x, y) in line.Points)
            {
                html.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{Encode(line.Name)}</th><td>{Number(x)}</td><td>{Number(y)}</td></tr>");
            }
        }

        html.Append("</tbody></table></div></details>");
    }

    private static string Heading(SavedResult result)
    {
        var load = result switch
        {
            { MaxConcurrency: { } concurrency, RequestRate: { } rate } => FormattableString.Invariant($", {concurrency} at a time, {rate:0.##} a second"),
            { MaxConcurrency: { } concurrency } => FormattableString.Invariant($", {concurrency} at a time"),
            { RequestRate: { } rate } => FormattableString.Invariant($", {rate:0.##} a second"),
            _ => ", all at once",
        };
        return result.Name + load;
    }

    private static double? Value(SavedResult result, string key) => result.Figures.TryGetValue(key, out var value) ? value : null;

    private static string Number(double? value) => value is { } number ? number.ToString(number == Math.Floor(number) ? "N0" : "N2", CultureInfo.InvariantCulture) : "–";

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
