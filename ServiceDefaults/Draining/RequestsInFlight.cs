using Microsoft.AspNetCore.Http;

namespace LlmdAspire.ServiceDefaults.Draining;

/// <summary>Counts the requests that this process is answering.</summary>
internal sealed class RequestsInFlight
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public async Task CountAsync(HttpContext context, RequestDelegate next)
    {
        _ = Interlocked.Increment(ref _count);
        try
        {
            await next(context);
        }
        finally
        {
            _ = Interlocked.Decrement(ref _count);
        }
    }
}
