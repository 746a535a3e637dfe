using System.Text;

namespace LlmdAspire.Protocols.Prometheus;

/// <summary>One line of a Prometheus text; points into the text it was read from.</summary>
public readonly ref struct PrometheusSample
{
    private readonly ReadOnlySpan<byte> _labels;

    internal PrometheusSample(ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels, double value)
    {
        Utf8Name = name;
        _labels = labels;
        Value = value;
    }

    /// <summary>Name as written, with <c>_total</c>, <c>_bucket</c>, <c>_sum</c> or <c>_count</c>.</summary>
    public ReadOnlySpan<byte> Utf8Name { get; }

    public double Value { get; }

    /// <summary>The name as a string; allocates.</summary>
    public string Name => Encoding.UTF8.GetString(Utf8Name);

    /// <summary>The labels in the order written.</summary>
    public PrometheusLabels Labels => new(_labels);

    public bool Is(ReadOnlySpan<byte> utf8Name) => Utf8Name.SequenceEqual(utf8Name);

    /// <summary>The value of a label, or null when the sample lacks it; allocates the string.</summary>
    public string? Label(ReadOnlySpan<byte> utf8Name)
    {
        foreach (var label in Labels)
        {
            if (label.Utf8Name.SequenceEqual(utf8Name))
            {
                return label.Value;
            }
        }

        return null;
    }

    /// <summary>Whether a label has this value; allocates only for values with escapes.</summary>
    public bool HasLabel(ReadOnlySpan<byte> utf8Name, ReadOnlySpan<byte> utf8Value)
    {
        foreach (var label in Labels)
        {
            if (label.Utf8Name.SequenceEqual(utf8Name))
            {
                return label.EscapedUtf8Value.Contains((byte)'\\')
                    ? label.Value == Encoding.UTF8.GetString(utf8Value)
                    : label.EscapedUtf8Value.SequenceEqual(utf8Value);
            }
        }

        return false;
    }
}
