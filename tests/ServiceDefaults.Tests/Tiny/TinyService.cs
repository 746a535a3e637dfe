using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.ServiceDefaults.Tests.Tiny;

internal sealed class TinyService : Service<TinyFlags>
{
    protected override IEnumerable<int> AdditionalPorts(TinyFlags flags) => flags.SecondPort.IsGiven ? [flags.SecondPort] : [];

    protected override void AddServices(WebApplicationBuilder builder, TinyFlags flags)
    {
        if (flags.Fail == "usage")
        {
            throw new UsageException(["--fail is 'usage'; use another.", "and a second mistake."]);
        }

        if (flags.Fail == "crash")
        {
            throw new InvalidOperationException("crashed as asked");
        }
    }

    protected override void MapEndpoints(WebApplication app, TinyFlags flags)
    {
        _ = app.MapGet("/hello/{name}", (string name) => $"Hello {name}");
        _ = app.MapGet("/slow/{milliseconds:int}", async (int milliseconds, HttpContext context) =>
        {
            await context.Response.WriteAsync("begun ");
            await context.Response.Body.FlushAsync();
            await Task.Delay(milliseconds, context.RequestAborted);
            await context.Response.WriteAsync("done");
        });
    }
}
