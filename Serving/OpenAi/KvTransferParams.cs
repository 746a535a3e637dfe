using System.Buffers;
using System.Text.Json;

namespace LlmdAspire.Serving.OpenAi;

/// <summary>The <c>kv_transfer_params</c> by which a decode engine finds the KV blocks of a prefill engine: carried, never understood.</summary>
public static class KvTransferParams
{
    private static readonly JsonReaderOptions s_options = new() { MaxDepth = 256 };

    /// <summary>Finds them in a prefill engine's answer.</summary>
    /// <param name="value">The raw JSON; null when the answer has none or has null there: the decode engine then computes the prompt itself.</param>
    /// <returns>False when the answer is no JSON object.</returns>
    public static bool TryFind(ReadOnlyMemory<byte> answer, out ReadOnlyMemory<byte>? value)
    {
        value = null;
        try
        {
            var reader = new Utf8JsonReader(answer.Span, s_options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isOurs = reader.ValueTextEquals("kv_transfer_params"u8);
                _ = reader.Read();
                var start = (int)reader.TokenStartIndex;
                var isObject = reader.TokenType == JsonTokenType.StartObject;
                reader.Skip();
                if (isOurs)
                {
                    value = isObject ? answer[start..(int)reader.BytesConsumed] : default(ReadOnlyMemory<byte>?);
                }
            }

            // One more read finds anything but white space behind the closing brace.
            _ = reader.Read();
            return true;
        }
        catch (JsonException)
        {
            value = null;
            return false;
        }
    }

    /// <summary>Finds what has to change so that a client's body carries these parameters and no others.</summary>
    /// <param name="body">Known to be one JSON object.</param>
    public static IReadOnlyList<JsonEdit> EditsFor(ReadOnlySequence<byte> body, ReadOnlyMemory<byte> value)
    {
        var reader = new Utf8JsonReader(body, s_options);
        _ = reader.Read();
        var editor = new BodyEditor(reader.TokenStartIndex);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var nameStart = reader.TokenStartIndex;
            var isOld = reader.ValueTextEquals("kv_transfer_params"u8);
            _ = reader.Read();
            var valueStart = reader.TokenStartIndex;
            reader.Skip();
            if (isOld)
            {
                editor.Remove(nameStart, reader.BytesConsumed);
            }
            else
            {
                editor.Keep(nameStart, valueStart, reader.BytesConsumed);
            }
        }

        editor.Append(reader.TokenStartIndex, "\"kv_transfer_params\":" + System.Text.Encoding.UTF8.GetString(value.Span));
        return editor.Edits;
    }
}
