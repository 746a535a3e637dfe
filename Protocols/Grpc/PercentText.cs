using System.Globalization;
using System.Text;

namespace LlmdAspire.Protocols.Grpc;

/// <summary>The encoding of <c>grpc-message</c>: UTF-8 with everything but printable ASCII, and the percent sign, as %XX.</summary>
internal static class PercentText
{
    public static string Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !text.Contains('%'))
        {
            return text;
        }

        var encoded = new StringBuilder(text.Length + 16);
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            _ = octet is >= (byte)' ' and <= (byte)'~' and not (byte)'%'
                ? encoded.Append((char)octet)
                : encoded.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }

        return encoded.ToString();
    }

    /// <summary>Decodes what is encoded and leaves the rest: a message that is not quite right is better than none.</summary>
    public static string Decode(string text)
    {
        if (!text.Contains('%'))
        {
            return text;
        }

        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
            {
                bytes[length++] = octet;
                i += 2;
            }
            else
            {
                // One UTF-16 unit at a time, unless two of them make one character.
                var units = i + 1 < text.Length && char.IsSurrogatePair(text, i) ? 2 : 1;
                length += Encoding.UTF8.GetBytes(text.AsSpan(i, units), bytes.AsSpan(length));
                i += units - 1;
            }
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }
}
