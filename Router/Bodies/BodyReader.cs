using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.OpenAi;
using Microsoft.AspNetCore.Http.Features;

namespace LlmdAspire.Router.Bodies;

/// <summary>Takes a request's body into memory, within the bounds.</summary>
internal sealed class BodyReader(long maxPayload, ByteBudget budget)
{
    // Pieces of this size keep a large body out of the large-object churn of ever growing arrays.
    private const int MaxSegment = 1 << 20;
    private const int MinSegment = 4 << 10;

    /// <returns>The body, or what to answer the client.</returns>
    public async ValueTask<(BufferedBody? Body, OpenAiError? Error)> ReadAsync(HttpContext context)
    {
        var announced = context.Request.ContentLength;
        if (announced > Math.Min(maxPayload, budget.Limit))
        {
            return (null, TooLarge());
        }

        // The bound is ours: the server's own would answer without our error shape.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        var body = new BufferedBody(budget);
        var error = await FillAsync(context, body, announced);
        if (error is null)
        {
            return (body, null);
        }

        body.Dispose();
        return (null, error);
    }

    private async ValueTask<OpenAiError?> FillAsync(HttpContext context, BufferedBody body, long? announced)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(context.RequestAborted);
            var received = result.Buffer;
            var error = body.Length + received.Length > maxPayload ? TooLarge() : null;
            if (error is null)
            {
                var open = announced - body.Length ?? received.Length;
                var size = (int)Math.Clamp(Math.Max(open, received.Length), MinSegment, MaxSegment);
                foreach (var piece in received)
                {
                    if (!body.TryAppend(piece.Span, size))
                    {
                        error = body.Length + received.Length > budget.Limit
                            ? TooLarge()
                            : OpenAiError.OfStatus(429, "The router holds as many request bytes as it may; try again in a moment.");
                        break;
                    }
                }
            }

            reader.AdvanceTo(received.End);
            if (error is not null || result.IsCompleted)
            {
                return error;
            }
        }
    }

    private OpenAiError TooLarge() =>
        OpenAiError.OfStatus(413, $"The request body is larger than {Math.Min(maxPayload, budget.Limit)} bytes; --max-payload-size and --max-buffered-bytes set the limit.");
}
