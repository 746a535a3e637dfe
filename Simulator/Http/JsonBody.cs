using System.Text.Json;
using LlmdAspire.Serving.OpenAi;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace LlmdAspire.Simulator.Http;

/// <summary>Reads a request's body as a JSON object, or says in vLLM's words why it is none.</summary>
internal static class JsonBody
{
    private const long MostBytesDiscarded = 64 * 1024 * 1024;

    /// <summary>Either the document, which the caller disposes, or the error to answer.</summary>
    public static async Task<(JsonDocument? Document, OpenAiError? Error)> ReadAsync(HttpContext context)
    {
        if (!IsJson(context.Request.ContentType))
        {
            return (null, BadRequest("Unsupported Media Type: Only 'application/json' is allowed"));
        }

        if (await RefuseTooLargeAsync(context) is { } tooLarge)
        {
            return (null, tooLarge);
        }

        try
        {
            var document = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return (document, null);
            }

            document.Dispose();
            return (null, BadRequest("1 validation error:\n  {'type': 'model_attributes_type', 'loc': ('body',), 'msg': 'Input should be a valid dictionary'}"));
        }
        catch (JsonException e)
        {
            var where = $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}";
            return (null, BadRequest($"1 validation error:\n  {{'type': 'json_invalid', 'loc': ('body',), 'msg': 'JSON decode error', 'ctx': {{'error': 'at {where}'}}}}"));
        }
        catch (BadHttpRequestException e)
        {
            return (null, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge() : new OpenAiError(e.StatusCode, ReasonPhrases.GetReasonPhrase(e.StatusCode), e.Message));
        }
    }

    /// <summary>Refuses a body that announces more than the limit, having read it: a sender that is cut off while it sends does not see why.</summary>
    private static async Task<OpenAiError?> RefuseTooLargeAsync(HttpContext context)
    {
        var size = context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>();
        if (size.MaxRequestBodySize is not { } limit || context.Request.ContentLength is not { } length || length <= limit)
        {
            return null;
        }

        if (length <= MostBytesDiscarded)
        {
            size.MaxRequestBodySize = length;
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        }

        return TooLarge();
    }

    private static OpenAiError TooLarge() =>
        new(StatusCodes.Status413PayloadTooLarge, "Request Entity Too Large", "The request body is larger than --max-request-body-size-mb allows.");

    private static OpenAiError BadRequest(string message) => new(StatusCodes.Status400BadRequest, "Bad Request", message);

    private static bool IsJson(string? contentType) =>
        contentType is not null && contentType.Split(';')[0].Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase);
}
