using System.Globalization;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Endpoints;

/// <summary>Answers a request with an error in OpenAI's shape.</summary>
internal static class ErrorAnswer
{
    /// <summary>Gives 429 and 503 their <c>Retry-After</c> where whoever made the answer gave none.</summary>
    public static void AddRetryAfter(IHeaderDictionary headers, int status)
    {
        if (status is 429 or 503 && headers.RetryAfter.Count == 0)
        {
            headers.RetryAfter = "1";
        }
    }

    /// <summary>Writes the error if nothing was sent yet; what an attempt left in the response is cleared.</summary>
    /// <param name="retryAfterSeconds">Sent as <c>Retry-After</c>; 429 and 503 always have one.</param>
    public static async Task WriteAsync(
        HttpContext context, OpenAiError error, string? requestId = null, int? retryAfterSeconds = null,
        IReadOnlyList<KeyValuePair<string, string>>? headers = null)
    {
        if (context.Response.HasStarted)
        {
            return;
        }

        context.Response.Clear();
        context.Response.StatusCode = error.Status;
        context.Response.ContentType = "application/json";
        foreach (var (name, value) in headers ?? [])
        {
            context.Response.Headers[name] = value;
        }

        if (requestId is not null)
        {
            context.Response.Headers["x-request-id"] = requestId;
        }

        if (retryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = Math.Max(1, seconds).ToString(CultureInfo.InvariantCulture);
        }

        AddRetryAfter(context.Response.Headers, error.Status);

        var body = error.ToUtf8Json();
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}
