using System.Buffers;
using System.Text.Json;
using LlmdAspire.Serving.Sse;

namespace LlmdAspire.Simulator.Generating;

/// <summary>Token ids in answers: a list for clients that asked for it, else null.</summary>
internal static class TokenIds
{
    public static void Write(Utf8JsonWriter json, string name, IEnumerable<int>? tokens)
    {
        json.WritePropertyName(name);
        if (tokens is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartArray();
        foreach (var token in tokens)
        {
            json.WriteNumberValue(token);
        }

        json.WriteEndArray();
    }

    /// <summary>Writes the list where the client asked for it, else null.</summary>
    public static void Write(IBufferWriter<byte> output, bool asked, ReadOnlySpan<int> tokens)
    {
        if (!asked)
        {
            output.Write("null"u8);
            return;
        }

        JsonText.WriteNumbers(output, tokens);
    }
}
