using LlmdAspire.ServiceDefaults.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

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

        if (flags.Fail == "background")
        {
            builder.Services.AddHostedService<FailingWork>();
        }

        builder.Services.AddHealthChecks().AddCheck(
            "mood", () => flags.Fail == "health" ? HealthCheckResult.Unhealthy("in a bad mood") : HealthCheckResult.Healthy());
    }

    protected override void MapEndpoints(WebApplication app, TinyFlags flags)
    {
        app.MapGet("/hello/{name}", (string name) => $"Hello {name}");
        app.MapGet("/slow/{milliseconds:int}", async (int milliseconds, HttpContext context) =>
        {
            await context.Response.WriteAsync("begun ");
            await context.Response.Body.FlushAsync();
            await Task.Delay(milliseconds, context.RequestAborted);
            await context.Response.WriteAsync("done");
        });
        app.MapGet("/broken", string () => throw new InvalidOperationException("broken as asked"));
        app.MapGet("/busy", () => Results.StatusCode(503));
        app.MapPost("/admin", () => "done").RequireAdmin();
        // Calls another service, as the router calls an engine.
        app.MapGet("/call", async (Uri url, IHttpClientFactory clients) => await clients.CreateClient().GetStringAsync(url));
    }

    private sealed class FailingWork : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Yield();
            throw new InvalidOperationException("failed as asked");
        }
    }
}
