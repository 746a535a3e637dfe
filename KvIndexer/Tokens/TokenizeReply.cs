using System.Text.Json;

namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>The answers of vLLM's <c>/tokenize</c>.</summary>
internal static class TokenizeReply
{
    /// <summary>The member <c>tokens</c>.</summary>
    /// <exception cref="JsonException">The answer is not of that form.</exception>
    public static int[] Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("The answer to /tokenize is no object.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals("tokens"u8);
            _ = reader.Read();
            if (found && reader.TokenType == JsonTokenType.StartArray)
            {
                return ReadArray(ref reader);
            }

            reader.Skip();
        }

        throw new JsonException("The answer to /tokenize has no tokens.");
    }

    /// <summary>The message of an error in any of vLLM's forms, or the beginning of the text.</summary>
    public static string ReadError(ReadOnlySpan<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body.ToArray());
            var root = json.RootElement;
            var error = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("error", out var inner) ? inner : root;
            if (error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var message))
            {
                return message.ToString();
            }
        }
        catch (JsonException)
        {
            // Some other text; its beginning has to do.
        }

        return System.Text.Encoding.UTF8.GetString(body[..Math.Min(body.Length, 200)]);
    }

    private static int[] ReadArray(ref Utf8JsonReader reader)
    {
        var tokens = new List<int>();
        while (reader.Read() && reader.TokenType == JsonTokenType.Number)
        {
            tokens.Add(reader.TryGetInt32(out var token) ? token : throw new JsonException("A token id of /tokenize is no 32-bit number."));
        }

        return reader.TokenType == JsonTokenType.EndArray ? [.. tokens] : throw new JsonException("The tokens of /tokenize are no numbers.");
    }
}
