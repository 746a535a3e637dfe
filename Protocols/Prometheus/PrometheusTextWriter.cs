using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace LlmdAspire.Protocols.Prometheus;

/// <summary>Writes Prometheus' text format 0.0.4 as UTF-8.</summary>
/// <remarks>
/// A family's header comes once, then all its samples: the format wants them together. Names are written as given, so pass them through
/// <see cref="MetricNames"/> unless they are known to be right; help and label values are escaped here. Allocates nothing by itself.
/// Not thread-safe.
/// </remarks>
public sealed class PrometheusTextWriter(IBufferWriter<byte> output)
{
    /// <summary>The media type to answer with.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly IBufferWriter<byte> _output = output;

    /// <summary>Begins a family.</summary>
    /// <param name="name">Full name, with <c>_total</c> for a counter.</param>
    /// <param name="type">What it measures.</param>
    /// <param name="help">One sentence; may be empty.</param>
    public void WriteFamily(string name, MetricType type, string help)
    {
        if (help.Length > 0)
        {
            Write("# HELP "u8);
            Write(name);
            Write(" "u8);
            // A quote needs no escape in help texts, unlike in label values.
            WriteEscaped(help, escapeQuotes: false);
            Write("\n"u8);
        }

        Write("# TYPE "u8);
        Write(name);
        Write(type switch
        {
            MetricType.Counter => " counter\n"u8,
            MetricType.Gauge => " gauge\n"u8,
            MetricType.Histogram => " histogram\n"u8,
            _ => " untyped\n"u8,
        });
    }

    /// <summary>Writes one sample of a counter or gauge.</summary>
    public void WriteSample(string name, ReadOnlySpan<MetricLabel> labels, double value)
    {
        Write(name);
        WriteLabels(labels);
        WriteEnd(value);
    }

    /// <summary>Writes one sample of a counter or gauge that has no labels.</summary>
    public void WriteSample(string name, double value) => WriteSample(name, [], value);

    /// <summary>Writes one label set of a histogram: its buckets, sum and count.</summary>
    /// <param name="name">Name of the family.</param>
    /// <param name="labels">Labels, without <c>le</c>.</param>
    /// <param name="bounds">Upper bounds, rising, without infinity.</param>
    /// <param name="counts">Observations per bucket, not cumulated; one more than bounds, the last for infinity.</param>
    /// <param name="sum">Sum of the observations.</param>
    public void WriteHistogram(string name, ReadOnlySpan<MetricLabel> labels, ReadOnlySpan<double> bounds, ReadOnlySpan<long> counts, double sum)
    {
        if (counts.Length != bounds.Length + 1)
        {
            throw new ArgumentException($"{counts.Length} counts for {bounds.Length} bounds; there must be one more.", nameof(counts));
        }

        long total = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            total += counts[i];
            Write(name);
            Write("_bucket{"u8);
            foreach (var label in labels)
            {
                WriteLabel(label);
                Write(","u8);
            }

            Write("le=\""u8);
            WriteNumber(i < bounds.Length ? bounds[i] : double.PositiveInfinity);
            Write("\"}"u8);
            WriteEnd(total);
        }

        Write(name);
        Write("_sum"u8);
        WriteLabels(labels);
        WriteEnd(sum);
        Write(name);
        Write("_count"u8);
        WriteLabels(labels);
        WriteEnd(total);
    }

    private void WriteEnd(double value)
    {
        Write(" "u8);
        WriteNumber(value);
        Write("\n"u8);
    }

    private void WriteLabels(ReadOnlySpan<MetricLabel> labels)
    {
        if (labels.IsEmpty)
        {
            return;
        }

        for (var i = 0; i < labels.Length; i++)
        {
            Write(i == 0 ? "{"u8 : ","u8);
            WriteLabel(labels[i]);
        }

        Write("}"u8);
    }

    private void WriteLabel(MetricLabel label)
    {
        Write(label.Name);
        Write("=\""u8);
        WriteEscaped(label.Value, escapeQuotes: true);
        Write("\""u8);
    }

    private void WriteEscaped(string text, bool escapeQuotes)
    {
        var rest = text.AsSpan();
        while (true)
        {
            var next = escapeQuotes ? rest.IndexOfAny('\\', '\n', '"') : rest.IndexOfAny('\\', '\n');
            if (next < 0)
            {
                Write(rest);
                return;
            }

            Write(rest[..next]);
            Write(rest[next] switch { '\\' => "\\\\"u8, '\n' => "\\n"u8, _ => "\\\""u8 });
            rest = rest[(next + 1)..];
        }
    }

    private void WriteNumber(double value)
    {
        if (double.IsNaN(value))
        {
            Write("NaN"u8);
        }
        else if (double.IsInfinity(value))
        {
            Write(value > 0 ? "+Inf"u8 : "-Inf"u8);
        }
        else
        {
            // The shortest text that reads back as the same number; 32 bytes hold any.
            _ = Utf8Formatter.TryFormat(value, _output.GetSpan(32), out var written);
            _output.Advance(written);
        }
    }

    private void Write(ReadOnlySpan<char> text)
    {
        var space = _output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        _output.Advance(Encoding.UTF8.GetBytes(text, space));
    }

    private void Write(ReadOnlySpan<byte> text) => _output.Write(text);
}
