using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Simulator.Http;

/// <summary>Writes whole JSON answers.</summary>
internal static class JsonReply
{
    private const string ContentType = "application/json";

    /// <summary>Text goes out as it is, as vLLM writes it, instead of as escapes for embedding in HTML.</summary>
    public static JsonWriterOptions Plain { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Answers 200 with the JSON that <paramref name="write"/> makes.</summary>
    public static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        await using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            write(json);
        }

        await SendAsync(context, StatusCodes.Status200OK, buffer.WrittenMemory);
    }

    public static Task WriteAsync(HttpContext context, OpenAiError error) =>
        SendAsync(context, error.Status, context.Features.Get<ErrorShape>()?.Write(error) ?? error.ToUtf8Json());

    /// <summary>Answers with JSON that is ready.</summary>
    public static async Task SendAsync(HttpContext context, int status, ReadOnlyMemory<byte> json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }
}
