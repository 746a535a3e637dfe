using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.KvIndexer.Http;

/// <summary>Bodies in and out: JSON in snake_case, errors in OpenAI's shape, requests of a bounded size.</summary>
internal static class IndexerJson
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Task WriteAsync<T>(HttpContext context, T value) =>
        context.Response.WriteAsJsonAsync(value, s_options, context.RequestAborted);

    public static Task WriteAsync(HttpContext context, OpenAiError error)
    {
        context.Response.StatusCode = error.Status;
        context.Response.ContentType = "application/json";
        if (error.Status is 429 or 503)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        var body = error.ToUtf8Json();
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    /// <summary>Reads a request's body; null when it was too long and was answered with 413.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadBodyAsync(HttpContext context, long maxBytes)
    {
        if (context.Request.ContentLength <= maxBytes || context.Request.ContentLength is null)
        {
            var body = new ArrayBufferWriter<byte>((int)Math.Clamp(context.Request.ContentLength ?? 4096, 256, 1 << 20));
            while (true)
            {
                var read = await context.Request.BodyReader.ReadAsync(context.RequestAborted);
                if (body.WrittenCount + read.Buffer.Length > maxBytes)
                {
                    context.Request.BodyReader.AdvanceTo(read.Buffer.End);
                    break;
                }

                foreach (var piece in read.Buffer)
                {
                    body.Write(piece.Span);
                }

                context.Request.BodyReader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return body.WrittenMemory;
                }
            }
        }

        await WriteAsync(context, OpenAiError.OfStatus(413, $"The request body is larger than {maxBytes} bytes; --max-body-bytes sets the limit."));
        return null;
    }
}
