using System.Buffers;
using System.Text.Json;
using LlmdAspire.EngineModel;
using LlmdAspire.Serving.Sse;

namespace LlmdAspire.Simulator.Generating;

/// <summary>Why a choice ended, as JSON.</summary>
internal static class FinishText
{
    public static string Of(FinishReason reason) => reason switch
    {
        FinishReason.Stop => "stop",
        FinishReason.Length => "length",
        FinishReason.CacheThreshold => "cache_threshold",
        _ => "abort",
    };

    /// <summary>Writes the stop string or stop token that ended <paramref name="sequence"/>, else null.</summary>
    public static void WriteStopReason(Utf8JsonWriter json, Sequence sequence)
    {
        json.WritePropertyName("stop_reason");
        if (sequence.Stop?.MatchedString is { } text)
        {
            json.WriteStringValue(text);
        }
        else if (sequence.Stop?.MatchedToken is { } token)
        {
            json.WriteNumberValue(token);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    /// <inheritdoc cref="WriteStopReason(Utf8JsonWriter, Sequence)"/>
    public static void WriteStopReason(IBufferWriter<byte> output, Sequence sequence)
    {
        if (sequence.Stop?.MatchedString is { } text)
        {
            output.Write("\""u8);
            JsonText.WriteEscaped(output, System.Text.Encoding.UTF8.GetBytes(text));
            output.Write("\""u8);
        }
        else if (sequence.Stop?.MatchedToken is { } token)
        {
            JsonText.WriteNumber(output, token);
        }
        else
        {
            output.Write("null"u8);
        }
    }
}
