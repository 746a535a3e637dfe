using System.Buffers;
using System.Text.Json;
using LlmdAspire.KvIndexer.Http;

namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>Bodies for an engine's <c>/tokenize</c>.</summary>
internal static class TokenizeBody
{
    /// <summary>For a text.</summary>
    /// <param name="isBeginning">Whether the text begins the prompt: the marks that begin a prompt stand nowhere else.</param>
    public static byte[] ForText(ScoreRequest request, ReadOnlySpan<byte> text, bool isBeginning)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + text.Length);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("model", request.Model);
        json.WriteString("prompt", text);
        if (!isBeginning)
        {
            json.WriteBoolean("add_special_tokens", false);
        }

        return End(json, buffer, request, withSpecialTokens: isBeginning);
    }

    /// <summary>For messages, a JSON list.</summary>
    public static byte[] ForMessages(ScoreRequest request, ReadOnlySpan<byte> messages)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + messages.Length);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("model", request.Model);
        json.WritePropertyName("messages");
        json.WriteRawValue(messages);
        return End(json, buffer, request, withSpecialTokens: true);
    }

    // The writer leaves the object open; what the request passes on is spliced in as it came.
    private static byte[] End(Utf8JsonWriter json, ArrayBufferWriter<byte> buffer, ScoreRequest request, bool withSpecialTokens)
    {
        json.Flush();
        foreach (var passed in request.Passed)
        {
            if (withSpecialTokens || !passed.Span.StartsWith("\"add_special_tokens\""u8))
            {
                buffer.Write(","u8);
                buffer.Write(passed.Span);
            }
        }

        buffer.Write("}"u8);
        return buffer.WrittenSpan.ToArray();
    }
}
