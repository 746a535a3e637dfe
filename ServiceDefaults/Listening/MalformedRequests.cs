using Microsoft.AspNetCore.Http;

namespace LlmdAspire.ServiceDefaults.Listening;

/// <summary>Requests whose own bytes keep them from being read: the client's fault, whoever notices.</summary>
public static class MalformedRequests
{
    /// <summary>The status for a request that could not be read; null where something else failed.</summary>
    /// <remarks>Kestrel reports most of it as <see cref="BadHttpRequestException"/>, but a chunk size beyond its range as an <see cref="IOException"/> around the overflow.</remarks>
    public static int? StatusOf(Exception failure) => failure switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        IOException { InnerException: OverflowException } => StatusCodes.Status400BadRequest,
        _ => null,
    };

    /// <summary>Answers where the endpoint did not; otherwise such a request would look like a defect, in the answer and in the log.</summary>
    internal static async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (IOException failure) when (StatusOf(failure) is { } status && !context.Response.HasStarted)
        {
            context.Response.Clear();
            context.Response.StatusCode = status;
        }
    }
}
