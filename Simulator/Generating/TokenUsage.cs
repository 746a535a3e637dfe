using System.Buffers;
using System.Text.Json;
using LlmdAspire.Serving.Sse;

namespace LlmdAspire.Simulator.Generating;

/// <summary>Tokens of a request so far.</summary>
/// <param name="Cached">Prompt tokens that were cached; null where it is not told.</param>
internal readonly record struct TokenUsage(int Prompt, int Completion, int? Cached = null)
{
    /// <summary>As it stands in a whole answer, with the keys that have no value.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", Prompt);
        json.WriteNumber("total_tokens", Prompt + Completion);
        json.WriteNumber("completion_tokens", Completion);
        if (Cached is { } cached)
        {
            json.WriteStartObject("prompt_tokens_details");
            json.WriteNumber("cached_tokens", cached);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("prompt_tokens_details");
        }

        json.WriteEndObject();
    }

    /// <summary>As it stands in a chunk of a stream, without them.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        output.Write("{\"prompt_tokens\":"u8);
        JsonText.WriteNumber(output, Prompt);
        output.Write(",\"total_tokens\":"u8);
        JsonText.WriteNumber(output, Prompt + Completion);
        output.Write(",\"completion_tokens\":"u8);
        JsonText.WriteNumber(output, Completion);
        if (Cached is { } cached)
        {
            output.Write(",\"prompt_tokens_details\":{\"cached_tokens\":"u8);
            JsonText.WriteNumber(output, cached);
            output.Write("}"u8);
        }

        output.Write("}"u8);
    }
}
