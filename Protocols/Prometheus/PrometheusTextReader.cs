using System.Buffers.Text;
using System.Text;

namespace LlmdAspire.Protocols.Prometheus;

/// <summary>Reads the samples of a Prometheus or OpenMetrics text, one line at a time.</summary>
/// <remarks>
/// Tolerant on purpose: comments, blank lines, timestamps and exemplars are passed over, and so is a line that is no sample, because one odd
/// metric of an engine must not hide the others. Allocates nothing; samples point into the text and live as long as it does.
/// <code>foreach (var sample in new PrometheusTextReader(utf8)) { if (sample.Is("vllm:num_requests_waiting"u8)) ... }</code>
/// </remarks>
public ref struct PrometheusTextReader(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;
    private PrometheusSample _current;

    /// <summary>The sample that <see cref="MoveNext"/> found.</summary>
    public readonly PrometheusSample Current => _current;

    public readonly PrometheusTextReader GetEnumerator() => this;

    /// <summary>Goes to the next sample; false at the end.</summary>
    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            var end = _rest.IndexOf((byte)'\n');
            var line = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            if (TryReadLine(line, out _current))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryReadLine(ReadOnlySpan<byte> line, out PrometheusSample sample)
    {
        sample = default;
        line = line.Trim(" \t\r"u8);
        var nameEnd = line.IndexOfAny(" \t{"u8);
        if (nameEnd <= 0 || line[0] == '#')
        {
            return false;
        }

        var name = line[..nameEnd];
        var rest = line[nameEnd..].TrimStart(" \t"u8);
        ReadOnlySpan<byte> labels = default;
        if (!rest.IsEmpty && rest[0] == '{')
        {
            var close = EndOfLabels(rest);
            if (close < 0)
            {
                return false;
            }

            labels = rest[1..close];
            rest = rest[(close + 1)..].TrimStart(" \t"u8);
        }

        var valueEnd = rest.IndexOfAny(" \t"u8);
        if (!TryReadNumber(valueEnd < 0 ? rest : rest[..valueEnd], out var value))
        {
            return false;
        }

        sample = new PrometheusSample(name, labels, value);
        return true;
    }

    // A brace inside a quoted value does not end the labels.
    private static int EndOfLabels(ReadOnlySpan<byte> text)
    {
        var quoted = false;
        for (var i = 1; i < text.Length; i++)
        {
            switch (text[i])
            {
                case (byte)'\\' when quoted:
                    i++;
                    break;
                case (byte)'"':
                    quoted = !quoted;
                    break;
                case (byte)'}' when !quoted:
                    return i;
            }
        }

        return -1;
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> text, out double value)
    {
        if (Utf8Parser.TryParse(text, out value, out var consumed) && consumed == text.Length)
        {
            return true;
        }

        var sign = !text.IsEmpty && text[0] is (byte)'+' or (byte)'-' ? 1 : 0;
        var word = text[Math.Min(sign, text.Length)..];
        if (Ascii.EqualsIgnoreCase(word, "Inf"u8) || Ascii.EqualsIgnoreCase(word, "Infinity"u8))
        {
            value = !text.IsEmpty && text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        value = double.NaN;
        return Ascii.EqualsIgnoreCase(word, "NaN"u8);
    }
}
