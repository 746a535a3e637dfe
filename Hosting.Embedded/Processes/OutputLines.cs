using System.Globalization;
using System.Text;

namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>Cuts a stream of UTF-8 text into lines of bounded length.</summary>
internal static class OutputLines
{
    /// <summary>Longer lines are cut here and say how much is missing: a program that prints no line end must not fill our memory.</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>Reads to the end of the stream. A last line without an end counts as a line; bytes that are no UTF-8 become U+FFFD.</summary>
    public static async Task ReadAsync(Stream stream, Action<string> onLine)
    {
        var decoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetDecoder();
        var bytes = new byte[8 * 1024];
        var chars = new char[bytes.Length + 1];
        var line = new Line(onLine);
        int read;
        do
        {
            read = await stream.ReadAsync(bytes);
            line.Append(chars.AsSpan(0, decoder.GetChars(bytes.AsSpan(0, read), chars, flush: read == 0)));
        }
        while (read > 0);

        line.Finish();
    }

    private sealed class Line(Action<string> onLine)
    {
        private readonly StringBuilder _text = new();
        private long _cut;

        public void Append(ReadOnlySpan<char> chars)
        {
            for (var end = chars.IndexOf('\n'); end >= 0; end = chars.IndexOf('\n'))
            {
                Add(chars[..end]);
                Deliver();
                chars = chars[(end + 1)..];
            }

            Add(chars);
        }

        public void Finish()
        {
            if (_text.Length > 0)
            {
                Deliver();
            }
        }

        private void Add(ReadOnlySpan<char> part)
        {
            var room = Math.Min(part.Length, MaxLength - _text.Length);
            _text.Append(part[..room]);
            _cut += part.Length - room;
        }

        private void Deliver()
        {
            if (_cut > 0)
            {
                _text.Append(CultureInfo.InvariantCulture, $" [... {_cut} more characters]");
            }
            else if (_text.Length > 0 && _text[^1] == '\r')
            {
                _text.Length--;
            }

            onLine(_text.ToString());
            _text.Clear();
            _cut = 0;
        }
    }
}
