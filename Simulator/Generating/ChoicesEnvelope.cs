using System.Buffers;
using System.Text;
using System.Text.Json;
using LlmdAspire.Serving.Sse;

namespace LlmdAspire.Simulator.Generating;

/// <summary>What stands around the choices of a completion or a chat answer: of a whole one, and of each event of a stream.</summary>
/// <param name="head">What they begin with.</param>
/// <param name="kind">The <c>object</c> of a whole answer.</param>
/// <param name="chunkKind">That of a stream's events.</param>
internal sealed class ChoicesEnvelope(AnswerHead head, string kind, string chunkKind)
{
    // The same in all events of a stream, made once: data: {"id":…,"object":…,"created":…,"model":…,"choices":[
    private readonly byte[] _eventStart =
    [
        .. ServerSentEvents.Prefix,
        .. Encoding.UTF8.GetBytes(
            $"{{\"id\":{Quote(head.Id)},\"object\":\"{chunkKind}\",\"created\":{head.Created},\"model\":{Quote(head.Model)},\"choices\":["),
    ];

    /// <summary>Writes a whole answer up to its first choice.</summary>
    public void WriteStart(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", head.Id);
        json.WriteString("object", kind);
        json.WriteNumber("created", head.Created);
        json.WriteString("model", head.Model);
        json.WriteStartArray("choices");
    }

    /// <summary>Writes what follows the last choice of every whole answer; more may follow, and then the object's end.</summary>
    public static void WriteAfterChoices(Utf8JsonWriter json, TokenUsage usage)
    {
        json.WriteEndArray();
        json.WriteNull("service_tier");
        json.WriteNull("system_fingerprint");
        usage.Write(json);
    }

    /// <summary>Writes an event up to its choice.</summary>
    public void WriteEventStart(IBufferWriter<byte> output) => output.Write(_eventStart);

    /// <summary>Writes what follows the choices of an event.</summary>
    public static void WriteEventEnd(IBufferWriter<byte> output, TokenUsage? usage)
    {
        if (usage is { } told)
        {
            output.Write(",\"usage\":"u8);
            told.Write(output);
        }

        output.Write("}"u8);
        output.Write(ServerSentEvents.Suffix);
    }

    /// <summary>Writes what follows the last choice's last event: the usage, where it was asked for, and the end of the stream.</summary>
    public void WriteStreamEnd(IBufferWriter<byte> output, TokenUsage usage, bool tellsUsage)
    {
        if (tellsUsage)
        {
            WriteEventStart(output);
            output.Write("]"u8);
            WriteEventEnd(output, usage);
        }

        output.Write(ServerSentEvents.Done);
    }

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
