using System.Buffers;
using System.Text;
using System.Text.Json;
using LlmdAspire.Serving.Sse;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Generating;

/// <summary>Writes events with names, each a JSON object, as some APIs stream.</summary>
internal sealed class NamedEventWriter : IDisposable
{
    /// <summary>The content of the event that has begun.</summary>
    public Utf8JsonWriter Json { get; } = new(Stream.Null, JsonReply.Plain);

    public void Begin(IBufferWriter<byte> output, string name)
    {
        output.Write(Encoding.ASCII.GetBytes($"event: {name}\n"));
        output.Write(ServerSentEvents.Prefix);
        Json.Reset(output);
        Json.WriteStartObject();
    }

    public void End(IBufferWriter<byte> output)
    {
        Json.WriteEndObject();
        Json.Flush();
        output.Write(ServerSentEvents.Suffix);
    }

    public void Dispose() => Json.Dispose();
}
