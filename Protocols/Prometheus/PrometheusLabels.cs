using System.Text;

namespace LlmdAspire.Protocols.Prometheus;

/// <summary>Walks through the labels of a sample; stops at the first that is malformed.</summary>
public ref struct PrometheusLabels
{
    private ReadOnlySpan<byte> _rest;
    private PrometheusLabel _current;

    internal PrometheusLabels(ReadOnlySpan<byte> labels) => _rest = labels;

    public readonly PrometheusLabel Current => _current;

    public readonly PrometheusLabels GetEnumerator() => this;

    public bool MoveNext()
    {
        _rest = _rest.TrimStart(" \t,"u8);
        var equals = _rest.IndexOf((byte)'=');
        if (equals <= 0)
        {
            return false;
        }

        var name = _rest[..equals].TrimEnd(" \t"u8);
        var value = _rest[(equals + 1)..].TrimStart(" \t"u8);
        var end = EndOfValue(value);
        if (end < 0)
        {
            _rest = default;
            return false;
        }

        _current = new PrometheusLabel(name, value[1..end]);
        _rest = value[(end + 1)..];
        return true;
    }

    private static int EndOfValue(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] != '"')
        {
            return -1;
        }

        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == '"')
            {
                return i;
            }
        }

        return -1;
    }
}

/// <summary>One label as it stands in the text.</summary>
public readonly ref struct PrometheusLabel
{
    internal PrometheusLabel(ReadOnlySpan<byte> name, ReadOnlySpan<byte> escapedValue)
    {
        Utf8Name = name;
        EscapedUtf8Value = escapedValue;
    }

    public ReadOnlySpan<byte> Utf8Name { get; }

    /// <summary>The value between its quotes, escapes and all.</summary>
    public ReadOnlySpan<byte> EscapedUtf8Value { get; }

    /// <summary>The name as a string; allocates.</summary>
    public string Name => Encoding.UTF8.GetString(Utf8Name);

    /// <summary>The value without its escapes; allocates.</summary>
    public string Value
    {
        get
        {
            var text = Encoding.UTF8.GetString(EscapedUtf8Value);
            if (!text.Contains('\\', StringComparison.Ordinal))
            {
                return text;
            }

            var plain = new StringBuilder(text.Length);
            for (var i = 0; i < text.Length; i++)
            {
                var escaped = text[i] == '\\' && i + 1 < text.Length;
                _ = plain.Append(escaped ? text[++i] is 'n' ? '\n' : text[i] : text[i]);
            }

            return plain.ToString();
        }
    }
}
