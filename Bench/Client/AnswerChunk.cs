using System.Buffers;
using System.Text.Json;

namespace LlmdAspire.Bench.Client;

/// <summary>What one event of a streamed answer says.</summary>
/// <param name="HasChoices">Whether <c>choices</c> is there and not empty.</param>
/// <param name="PromptTokens">From <c>usage</c>; null where it is absent.</param>
/// <param name="CompletionTokens">From <c>usage</c>; null where it is absent.</param>
internal readonly record struct AnswerChunk(bool HasChoices, int? PromptTokens, int? CompletionTokens)
{
    /// <summary>Reads an event's JSON; the text of its first choice is appended to <paramref name="text"/>.</summary>
    /// <exception cref="JsonException">It is not a JSON object.</exception>
    public static AnswerChunk Read(ReadOnlySpan<byte> json, IBufferWriter<byte> text)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("An event is not a JSON object.");
        }

        var chunk = default(AnswerChunk);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("choices"u8))
            {
                chunk = chunk with { HasChoices = ReadChoices(ref reader, text) };
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                ReadUsage(ref reader, ref chunk);
            }
            else
            {
                SkipValue(ref reader);
            }
        }

        // Whatever follows the object is an error too.
        _ = reader.Read();
        return chunk;
    }

    private static bool ReadChoices(ref Utf8JsonReader reader, IBufferWriter<byte> text)
    {
        _ = reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return false;
        }

        var count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (count++ == 0 && reader.TokenType == JsonTokenType.StartObject)
            {
                ReadChoice(ref reader, text);
            }
            else
            {
                reader.Skip();
            }
        }

        return count > 0;
    }

    // {"index":0,"text":"..."} or {"index":0,"delta":{"role":"assistant","content":"..."}}
    private static void ReadChoice(ref Utf8JsonReader reader, IBufferWriter<byte> text)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("content"u8))
            {
                _ = reader.Read();
                Append(ref reader, text);
            }
            else if (reader.ValueTextEquals("delta"u8))
            {
                _ = reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    ReadChoice(ref reader, text);
                }
                else
                {
                    reader.Skip();
                }
            }
            else
            {
                SkipValue(ref reader);
            }
        }
    }

    private static void Append(ref Utf8JsonReader reader, IBufferWriter<byte> text)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return;
        }

        if (!reader.ValueIsEscaped)
        {
            text.Write(reader.ValueSpan);
            return;
        }

        try
        {
            // Escapes are never shorter than what they stand for.
            text.Advance(reader.CopyString(text.GetSpan(Math.Max(1, reader.ValueSpan.Length))));
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: a server may cut a character between two chunks. What cannot be shown counts as one character.
            text.Write("\uFFFD"u8);
        }
    }

    private static void ReadUsage(ref Utf8JsonReader reader, ref AnswerChunk chunk)
    {
        _ = reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("prompt_tokens"u8))
            {
                chunk = chunk with { PromptTokens = ReadCount(ref reader) };
            }
            else if (reader.ValueTextEquals("completion_tokens"u8))
            {
                chunk = chunk with { CompletionTokens = ReadCount(ref reader) };
            }
            else
            {
                SkipValue(ref reader);
            }
        }
    }

    private static int? ReadCount(ref Utf8JsonReader reader)
    {
        _ = reader.Read();
        int? count = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var value) ? value : null;
        reader.Skip();
        return count;
    }

    private static void SkipValue(ref Utf8JsonReader reader)
    {
        _ = reader.Read();
        reader.Skip();
    }
}
