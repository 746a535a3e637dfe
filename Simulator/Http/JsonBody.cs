using System.Text.Json;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Simulator.Http;

/// <summary>Reads a request's body as a JSON object, or says in vLLM's words why it is none.</summary>
internal static class JsonBody
{
    /// <summary>Either the document, which the caller disposes, or the error to answer.</summary>
    public static async Task<(JsonDocument? Document, OpenAiError? Error)> ReadAsync(HttpContext context)
    {
        if (!IsJson(context.Request.ContentType))
        {
            return (null, BadRequest("Unsupported Media Type: Only 'application/json' is allowed"));
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
            var type = e.StatusCode == StatusCodes.Status413PayloadTooLarge ? "Request Entity Too Large" : "Bad Request";
            return (null, new OpenAiError(e.StatusCode, type, $"{e.Message} --max-request-body-size-mb sets the limit."));
        }
    }

    private static OpenAiError BadRequest(string message) => new(StatusCodes.Status400BadRequest, "Bad Request", message);

    private static bool IsJson(string? contentType) =>
        contentType is not null && contentType.Split(';')[0].Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase);
}
