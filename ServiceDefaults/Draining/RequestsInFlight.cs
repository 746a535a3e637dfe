using Microsoft.AspNetCore.Http;

namespace LlmdAspire.ServiceDefaults.Draining;

/// <summary>Counts the requests that this process is answering.</summary>
internal sealed class RequestsInFlight
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public async Task CountAsync(HttpContext context, RequestDelegate next)
    {
        Interlocked.Increment(ref _count);
        try
        {
            await next(context);
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
