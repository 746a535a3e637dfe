using System.Globalization;
using System.Text;

namespace LlmdAspire.Dashboard.Metrics;

/// <summary>Reads Prometheus text: lines such as <c>vllm:num_requests_running{engine="0"} 3</c>.</summary>
internal static class MetricsText
{
    // Far above any real page; a page that goes on forever costs no more than this.
    private const int MaxSamples = 200_000;

    /// <summary>All samples in order; comments, blank lines and lines that are no samples are passed over.</summary>
    public static IReadOnlyList<MetricSample> Parse(byte[] utf8)
    {
        var samples = new List<MetricSample>();
        foreach (var line in Encoding.UTF8.GetString(utf8).AsSpan().EnumerateLines())
        {
            if (samples.Count < MaxSamples && line.Length > 0 && line[0] != '#' && Read(line) is { } sample)
            {
                samples.Add(sample);
            }
        }

        return samples;
    }

    private static MetricSample? Read(ReadOnlySpan<char> line)
    {
        var nameEnd = line.IndexOfAny('{', ' ', '\t');
        if (nameEnd <= 0)
        {
            return null;
        }

        var labels = new Dictionary<string, string>();
        var rest = line[nameEnd..];
        if (rest[0] == '{' && !TryReadLabels(ref rest, labels))
        {
            return null;
        }

        // A timestamp may follow the value.
        rest = rest.Trim();
        var valueEnd = rest.IndexOfAny(' ', '\t');
        return TryReadValue(valueEnd < 0 ? rest : rest[..valueEnd], out var value)
            ? new MetricSample(line[..nameEnd].ToString(), labels, value)
            : null;
    }

    private static bool TryReadLabels(ref ReadOnlySpan<char> rest, Dictionary<string, string> labels)
    {
        rest = rest[1..];
        while (true)
        {
            rest = rest.TrimStart(" ,\t");
            if (rest.StartsWith("}"))
            {
                rest = rest[1..];
                return true;
            }

            var equals = rest.IndexOf('=');
            if (equals <= 0 || !rest[(equals + 1)..].TrimStart().StartsWith("\""))
            {
                return false;
            }

            var name = rest[..equals].Trim().ToString();
            rest = rest[(equals + 1)..].TrimStart()[1..];
            if (!TryReadText(ref rest, out var value))
            {
                return false;
            }

            labels[name] = value;
        }
    }

    private static bool TryReadText(ref ReadOnlySpan<char> rest, out string value)
    {
        var text = new StringBuilder();
        for (var i = 0; i < rest.Length; i++)
        {
            switch (rest[i])
            {
                case '"':
                    rest = rest[(i + 1)..];
                    value = text.ToString();
                    return true;
                case '\\' when i + 1 < rest.Length:
                    i++;
                    text.Append(rest[i] == 'n' ? '\n' : rest[i]);
                    break;
                default:
                    text.Append(rest[i]);
                    break;
            }
        }

        value = "";
        return false;
    }

    private static bool TryReadValue(ReadOnlySpan<char> text, out double value)
    {
        value = text switch
        {
            "+Inf" or "Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            "NaN" => double.NaN,
            _ => 0,
        };
        return value != 0 || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }
}
