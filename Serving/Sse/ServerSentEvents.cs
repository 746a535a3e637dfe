using System.Buffers;

namespace LlmdAspire.Serving.Sse;

/// <summary>Server-sent events as OpenAI-compatible servers write them: one <c>data:</c> line an event, no names, no comments.</summary>
public static class ServerSentEvents
{
    public const string ContentType = "text/event-stream; charset=utf-8";

    /// <summary>What stands before an event's JSON.</summary>
    public static ReadOnlySpan<byte> Prefix => "data: "u8;

    /// <summary>What ends an event.</summary>
    public static ReadOnlySpan<byte> Suffix => "\n\n"u8;

    /// <summary>The last event of a stream that ended as it should.</summary>
    public static ReadOnlySpan<byte> Done => "data: [DONE]\n\n"u8;

    /// <summary>Writes one event; <paramref name="json"/> holds no line break.</summary>
    public static void WriteData(IBufferWriter<byte> output, ReadOnlySpan<byte> json)
    {
        var span = output.GetSpan(Prefix.Length + json.Length + Suffix.Length);
        Prefix.CopyTo(span);
        json.CopyTo(span[Prefix.Length..]);
        Suffix.CopyTo(span[(Prefix.Length + json.Length)..]);
        output.Advance(Prefix.Length + json.Length + Suffix.Length);
    }
}
