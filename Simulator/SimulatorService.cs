using System.Text.Json;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Admin;
using LlmdAspire.Simulator.Chat;
using LlmdAspire.Simulator.CommandLine;
using LlmdAspire.Simulator.Completions;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Http;
using LlmdAspire.Simulator.Metrics;
using LlmdAspire.Simulator.Models;
using LlmdAspire.Simulator.Status;
using LlmdAspire.Simulator.Tokens;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LlmdAspire.Simulator;

/// <summary>vLLM's HTTP interface over simulated engines, one for each port.</summary>
internal sealed class SimulatorService : Service<SimulatorFlags>
{
    // Ours win over the common endpoints of the same path: each port answers for its own engine.
    private const int BeforeCommon = -1;

    private static readonly string[] s_whileLoading = ["/health", "/ping", "/alive", "/version", "/metrics"];

    protected override void AddServices(WebApplicationBuilder builder, SimulatorFlags flags)
    {
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<EngineFleet>();
    }

    protected override IEnumerable<int> AdditionalPorts(SimulatorFlags flags) =>
        Enumerable.Range(1, flags.Instances - 1).Select(index => flags.Port == 0 ? 0 : flags.Port + index);

    protected override void ConfigureServer(KestrelServerOptions server, SimulatorFlags flags) =>
        server.Limits.MaxRequestBodySize = flags.MaxBodyMegabytes * 1024L * 1024;

    protected override void MapEndpoints(WebApplication app, SimulatorFlags flags)
    {
        // Made now, so that the pretended loading begins with the process and not with the first request.
        var fleet = app.Services.GetRequiredService<EngineFleet>();
        UseGate(app, fleet, flags);

        MapPost(app, fleet, "/v1/completions", CompletionsEndpoint.HandleAsync);
        MapPost(app, fleet, "/v1/chat/completions", ChatEndpoint.HandleAsync);
        MapPost(app, fleet, "/tokenize", TokenizeEndpoint.HandleAsync);
        MapPost(app, fleet, "/detokenize", DetokenizeEndpoint.HandleAsync);
        MapPost(app, fleet, "/admin/config", AdminConfigEndpoint.PostAsync);
        MapGet(app, fleet, "/admin/config", AdminConfigEndpoint.GetAsync);
        MapGet(app, fleet, "/v1/models", ModelsEndpoint.HandleAsync);
        MapGet(app, fleet, "/metrics", MetricsEndpoint.HandleAsync);
        MapGet(app, fleet, "/load", StatusEndpoints.LoadAsync);
        MapGet(app, fleet, "/health", StatusEndpoints.HealthAsync);
        _ = app.MapMethods("/ping", ["GET", "POST"], context => StatusEndpoints.HealthAsync(context, fleet.Of(context)));
    }

    /// <summary>What every request passes: error shapes, request id, keys, loading.</summary>
    private static void UseGate(WebApplication app, EngineFleet fleet, SimulatorFlags flags)
    {
        var keys = new ApiKeyCheck(flags.ApiKeys.Value is { Length: > 0 } given
            ? given : Environment.GetEnvironmentVariable("VLLM_API_KEY") is { Length: > 0 } key ? [key] : []);
        _ = app.Use(next => async context =>
        {
            if (flags.EnableRequestIdHeaders)
            {
                RequestIds.Echo(context);
            }

            if (!keys.Allows(context.Request))
            {
                await ApiKeyCheck.RefuseAsync(context);
                return;
            }

            if (context.Request.Path.StartsWithSegments("/admin") && !AdminRule.Allows(context, flags.AdminKey))
            {
                await JsonReply.WriteAsync(context, new OpenAiError(403, "PermissionDeniedError", "Admin paths are for this machine, or for callers with the --admin-key."));
                return;
            }

            if (!fleet.Of(context).IsLoaded && !s_whileLoading.Contains(context.Request.Path.Value))
            {
                context.Response.Headers.RetryAfter = "1";
                await JsonReply.WriteAsync(context, new OpenAiError(503, "ServiceUnavailableError", "The engine is loading its model; /health tells when it is ready."));
                return;
            }

            await next(context);
            await FrameworkErrors.WriteAsync(context);
        });
    }

    private static void MapGet(WebApplication app, EngineFleet fleet, string path, Func<HttpContext, ServedEngine, Task> handle) =>
        app.MapGet(path, context => handle(context, fleet.Of(context))).WithOrder(BeforeCommon);

    private static void MapPost(WebApplication app, EngineFleet fleet, string path, Func<HttpContext, ServedEngine, JsonDocument, Task> handle) =>
        app.MapPost(path, async context =>
        {
            var (body, error) = await JsonBody.ReadAsync(context);
            if (error is not null)
            {
                await JsonReply.WriteAsync(context, error);
                return;
            }

            using (body)
            {
                await handle(context, fleet.Of(context), body!);
            }
        }).WithOrder(BeforeCommon);
}
