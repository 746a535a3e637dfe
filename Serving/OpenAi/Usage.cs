using System.Text.Json;

namespace LlmdAspire.Serving.OpenAi;

/// <summary>Token counts that an engine reports at the end of an answer.</summary>
public readonly record struct Usage(long PromptTokens, long CompletionTokens, long? CachedTokens)
{
    /// <summary>Finds the last <c>usage</c> object in the last bytes of an answer, streamed or not.</summary>
    /// <param name="tail">The last bytes; may begin anywhere.</param>
    public static Usage? FindLast(ReadOnlySpan<byte> tail)
    {
        while (tail.LastIndexOf("\"usage\""u8) is >= 0 and var at)
        {
            if (TryRead(tail[(at + "\"usage\"".Length)..], out var usage))
            {
                return usage;
            }

            tail = tail[..at];
        }

        return null;
    }

    private static bool TryRead(ReadOnlySpan<byte> text, out Usage usage)
    {
        usage = default;
        text = text.TrimStart(" \t\r\n"u8);
        if (text.IsEmpty || text[0] != (byte)':')
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(text[1..]);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && TryReadObject(ref reader, out usage);
        }
        catch (JsonException)
        {
            // The tail begins or ends in the middle, or the word stood in generated text: no usage here.
            return false;
        }
    }

    private static bool TryReadObject(ref Utf8JsonReader reader, out Usage usage)
    {
        long prompt = -1, completion = 0;
        long? cached = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // The Responses API calls them input and output tokens.
            if (reader.ValueTextEquals("prompt_tokens"u8) || reader.ValueTextEquals("input_tokens"u8))
            {
                prompt = ReadCount(ref reader) ?? -1;
            }
            else if (reader.ValueTextEquals("completion_tokens"u8) || reader.ValueTextEquals("output_tokens"u8))
            {
                completion = ReadCount(ref reader) ?? 0;
            }
            else if (reader.ValueTextEquals("prompt_tokens_details"u8) || reader.ValueTextEquals("input_tokens_details"u8))
            {
                cached = ReadCached(ref reader);
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        usage = new Usage(prompt, completion, cached);
        return reader.TokenType == JsonTokenType.EndObject && prompt >= 0;
    }

    private static long? ReadCached(ref Utf8JsonReader reader)
    {
        long? cached = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("cached_tokens"u8))
            {
                cached = ReadCount(ref reader);
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        return cached;
    }

    private static long? ReadCount(ref Utf8JsonReader reader)
    {
        long? count = reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) ? value : null;
        _ = reader.TrySkip();
        return count;
    }

    private static void SkipValue(ref Utf8JsonReader reader)
    {
        _ = reader.Read();
        _ = reader.TrySkip();
    }
}
