using System.Net;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.Hosting.Embedded.Tests.Run;

/// <summary>Health checks and what depends on them.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task Resource_IsHealthy_OnceItsCheckSaysSo()
    {
        var result = HealthCheckResult.Unhealthy("still loading");
        await using var run = await RunningModel.StartAsync(builder =>
        {
            builder.Services.AddHealthChecks().AddCheck("model", () => result);
            builder.AddScript("engine", "exec sleep 1000").WithHealthCheck("model");
        });

        var loading = await Eventually.DoneAsync(run.App.ResourceNotifications.WaitForResourceAsync("engine", e => e.Snapshot.HealthReports.Any(r => r.Description is not null)));
        Assert.Equal(HealthStatus.Unhealthy, loading.Snapshot.HealthStatus);
        Assert.Equal("still loading", Assert.Single(loading.Snapshot.HealthReports).Description);

        result = HealthCheckResult.Healthy();

        var healthy = await Eventually.DoneAsync(run.App.ResourceNotifications.WaitForResourceHealthyAsync("engine"));
        Assert.Equal(HealthStatus.Healthy, healthy.Snapshot.HealthStatus);
    }

    [Fact]
    public async Task WaitingForHealth_OfAResourceThatEnds_IsGivenUp()
    {
        await using var run = await RunningModel.StartAsync(builder =>
        {
            builder.Services.AddHealthChecks().AddCheck("model", () => HealthCheckResult.Unhealthy());
            builder.AddScript("engine", "exit 5").WithHealthCheck("model");
        });

        var exception = await Assert.ThrowsAsync<DistributedApplicationException>(
            () => Eventually.DoneAsync(run.App.ResourceNotifications.WaitForResourceHealthyAsync("engine")));

        Assert.Equal("Resource 'engine' did not become healthy: it is in state Finished with exit code 5.", exception.Message);
    }

    [Theory]
    [InlineData(200, HealthStatus.Healthy)]
    [InlineData(503, HealthStatus.Unhealthy)]
    public async Task HttpCheck_GoesByTheStatus(int status, HealthStatus expected)
    {
        await using var server = await ServerAsync(status);
        var program = Model.Models.New().AddExecutable("engine", "sh", ".").WithHttpEndpoint(port: new Uri(server.Urls.First()).Port).WithEndpoint("http", e => e.TargetHost = "127.0.0.1");
        Model.Models.Allocate(program.ApplicationBuilder);

        var result = await new HttpHealthCheck(program.GetEndpoint("http"), "/health", 200).CheckHealthAsync(new HealthCheckContext());

        Assert.Equal(expected, result.Status);
    }

    [Fact]
    public async Task HttpCommand_AsksTheResource_AndFailsWithItsStatus()
    {
        await using var server = await ServerAsync((int)HttpStatusCode.OK);
        await using var run = await RunningModel.StartAsync(builder => builder
            .AddScript("engine", "exec sleep 1000")
            .WithHttpEndpoint()
            .WithHttpCommand("/health", "Ask", commandName: "ask", commandOptions: new HttpCommandOptions
            {
                Method = HttpMethod.Get,
                PrepareRequest = context =>
                {
                    context.Request.RequestUri = new Uri(server.Urls.First() + "/health");
                    return Task.CompletedTask;
                },
            })
            .WithHttpCommand("/nothing", "Miss", commandName: "miss"));

        Assert.True((await run.CommandAsync("engine", "ask")).Success);
        Assert.False((await run.CommandAsync("engine", "miss")).Success);
    }

    [Fact]
    public void HttpCheck_OfAnEndpointThatIsNotThere_IsRefused()
    {
        var program = Model.Models.New().AddExecutable("engine", "sh", ".");

        var exception = Assert.Throws<DistributedApplicationException>(() => program.WithHttpHealthCheck("/health"));

        Assert.Equal("Resource 'engine' has no http endpoint for its health check; add one first or name another.", exception.Message);
    }

    private static async Task<WebApplication> ServerAsync(int status)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet("/health", () => Results.StatusCode(status));
        await app.StartAsync();
        return app;
    }
}
