namespace LlmdAspire.Simulator.Http;

/// <summary>Answers to unknown paths and methods, in the words of vLLM's web framework.</summary>
internal static class FrameworkErrors
{
    public static Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted || response.ContentType is not null)
        {
            return Task.CompletedTask;
        }

        return response.StatusCode switch
        {
            StatusCodes.Status404NotFound => JsonReply.SendAsync(context, response.StatusCode, """{"detail":"Not Found"}"""u8.ToArray()),
            StatusCodes.Status405MethodNotAllowed => JsonReply.SendAsync(context, response.StatusCode, """{"detail":"Method Not Allowed"}"""u8.ToArray()),
            _ => Task.CompletedTask,
        };
    }
}
