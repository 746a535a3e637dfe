using System.Buffers;
using System.Text;

namespace LlmdAspire.Serving.Tokens;

/// <summary>Whole texts to tokens and back, for callers that do not stream.</summary>
public static class TokenText
{
    /// <summary>Appends the tokens of <paramref name="text"/>.</summary>
    public static void Encode(this ITokenizer tokenizer, string text, List<int> tokens)
    {
        var utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            var length = Encoding.UTF8.GetBytes(text, utf8);
            tokenizer.Encode(utf8.AsSpan(0, length), tokens);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(utf8);
        }
    }

    /// <summary>Appends the tokens of a whole prompt: its text, between the special tokens that the model wants there unless <paramref name="addSpecialTokens"/> is false.</summary>
    public static void EncodePrompt(this ITokenizer tokenizer, ReadOnlySpan<byte> utf8, bool addSpecialTokens, List<int> tokens)
    {
        if (addSpecialTokens)
        {
            tokens.AddRange(tokenizer.Before);
        }

        tokenizer.Encode(utf8, tokens);
        if (addSpecialTokens)
        {
            tokens.AddRange(tokenizer.After);
        }
    }

    /// <summary>The text of <paramref name="tokens"/>; bytes that form no character become U+FFFD.</summary>
    public static string Decode(this ITokenizer tokenizer, ReadOnlySpan<int> tokens)
    {
        var utf8 = new ArrayBufferWriter<byte>(tokens.Length * 5 + tokenizer.MaxTokenBytes);
        foreach (var token in tokens)
        {
            utf8.Advance(tokenizer.Decode(token, utf8.GetSpan(tokenizer.MaxTokenBytes)));
        }

        return Encoding.UTF8.GetString(utf8.WrittenSpan);
    }
}
