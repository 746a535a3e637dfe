using System.Buffers;
using System.Buffers.Text;

namespace LlmdAspire.Serving.Sse;

/// <summary>Writes UTF-8 text as the inside of a JSON string, without a JSON writer's state.</summary>
public static class JsonText
{
    // Generated text is nearly always free of these, and then it is copied as it is.
    private static readonly SearchValues<byte> s_special = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(control => (byte)control), (byte)'"', (byte)'\\']);

    /// <summary>Appends <paramref name="utf8"/>, which is valid UTF-8, escaping only what JSON demands.</summary>
    public static void WriteEscaped(IBufferWriter<byte> output, ReadOnlySpan<byte> utf8)
    {
        while (true)
        {
            var plain = utf8.IndexOfAny(s_special);
            output.Write(plain < 0 ? utf8 : utf8[..plain]);
            if (plain < 0)
            {
                return;
            }

            Escape(output, utf8[plain]);
            utf8 = utf8[(plain + 1)..];
        }
    }

    /// <summary>Appends a whole number.</summary>
    public static void WriteNumber(IBufferWriter<byte> output, long number)
    {
        // 20 bytes hold any long.
        _ = Utf8Formatter.TryFormat(number, output.GetSpan(20), out var written);
        output.Advance(written);
    }

    /// <summary>Appends whole numbers as a JSON array.</summary>
    public static void WriteNumbers(IBufferWriter<byte> output, ReadOnlySpan<int> numbers)
    {
        output.Write("["u8);
        for (var i = 0; i < numbers.Length; i++)
        {
            if (i > 0)
            {
                output.Write(","u8);
            }

            WriteNumber(output, numbers[i]);
        }

        output.Write("]"u8);
    }

    private static void Escape(IBufferWriter<byte> output, byte character)
    {
        switch (character)
        {
            case (byte)'"':
                output.Write("\\\""u8);
                break;
            case (byte)'\\':
                output.Write("\\\\"u8);
                break;
            case (byte)'\n':
                output.Write("\\n"u8);
                break;
            case (byte)'\r':
                output.Write("\\r"u8);
                break;
            case (byte)'\t':
                output.Write("\\t"u8);
                break;
            default:
                Span<byte> escaped = [.. "\\u00"u8, Hex(character >> 4), Hex(character & 0xF)];
                output.Write(escaped);
                break;
        }
    }

    private static byte Hex(int digit) => (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
}
