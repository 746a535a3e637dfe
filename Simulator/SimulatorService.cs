using System.Text.Json;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.ServiceDefaults.Admin;
using LlmdAspire.ServiceDefaults.Telemetry;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Admin;
using LlmdAspire.Simulator.Chat;
using LlmdAspire.Simulator.CommandLine;
using LlmdAspire.Simulator.Completions;
using LlmdAspire.Simulator.Embeddings;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Generate;
using LlmdAspire.Simulator.Http;
using LlmdAspire.Simulator.KvTransfer;
using LlmdAspire.Simulator.Lora;
using LlmdAspire.Simulator.Messages;
using LlmdAspire.Simulator.Metrics;
using LlmdAspire.Simulator.Models;
using LlmdAspire.Simulator.Render;
using LlmdAspire.Simulator.Responses;
using LlmdAspire.Simulator.Sleep;
using LlmdAspire.Simulator.Status;
using LlmdAspire.Simulator.Tokens;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LlmdAspire.Simulator;

/// <summary>vLLM's HTTP interface over simulated engines, one for each port.</summary>
internal sealed class SimulatorService : Service<SimulatorFlags>
{
    private const string DevelopmentMode = "VLLM_SERVER_DEV_MODE";

    private static readonly string[] s_whileLoading = ["/health", "/ping", "/alive", "/version", "/metrics", "/admin/config", "/fake_metrics"];

    protected override void AddServices(WebApplicationBuilder builder, SimulatorFlags flags)
    {
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<RemoteEngines>();
        builder.Services.AddSingleton<EngineFleet>();
        builder.Services.AddSingleton<HttpMetrics>();
    }

    protected override IEnumerable<int> AdditionalPorts(SimulatorFlags flags) =>
        Enumerable.Range(1, flags.Instances - 1).Select(index => flags.Port == 0 ? 0 : flags.Port + index);

    protected override void ConfigureServer(KestrelServerOptions server, SimulatorFlags flags)
    {
        server.Limits.MaxRequestBodySize = flags.MaxBodyMegabytes * 1024L * 1024;
        if (flags.UsesTls)
        {
            var certificate = TlsCertificate.Of(flags);
            server.ConfigureEndpointDefaults(endpoint => endpoint.UseHttps(certificate));
        }
    }

    protected override void MapEndpoints(WebApplication app, SimulatorFlags flags)
    {
        // Made now, so that the pretended loading begins with the process and not with the first request.
        var fleet = app.Services.GetRequiredService<EngineFleet>();
        var metrics = app.Services.GetRequiredService<HttpMetrics>();
        _ = app.Use(next => context => metrics.CountAsync(context, next));
        UseGate(app, fleet, flags);

        _ = MapPost(app, fleet, "/v1/completions", CompletionsEndpoint.HandleAsync);
        _ = MapPost(app, fleet, "/v1/chat/completions", ChatEndpoint.HandleAsync);
        _ = MapPost(app, fleet, "/tokenize", TokenizeEndpoint.HandleAsync);
        _ = MapPost(app, fleet, "/detokenize", DetokenizeEndpoint.HandleAsync);
        _ = MapPost(app, fleet, KvSideChannel.ClaimPath, KvSideChannel.ClaimAsync).WithoutTrace();
        _ = MapPost(app, fleet, KvSideChannel.ReleasePath, KvSideChannel.ReleaseAsync).WithoutTrace();
        MapFurtherApis(app, fleet);
        if (Environment.GetEnvironmentVariable(DevelopmentMode) is "1")
        {
            _ = app.MapPost("/reset_prefix_cache", context => ResetPrefixCacheEndpoint.HandleAsync(context, fleet.Of(context)));
            _ = app.MapPost("/sleep", context => SleepEndpoints.SleepAsync(context, fleet.Of(context)));
            _ = app.MapPost("/wake_up", context => SleepEndpoints.WakeAsync(context, fleet.Of(context)));
            _ = MapGet(app, fleet, "/is_sleeping", SleepEndpoints.IsSleepingAsync);
        }

        if (Environment.GetEnvironmentVariable(LoraEndpoints.Permission) is "1" or "true" or "True")
        {
            _ = MapPost(app, fleet, "/v1/load_lora_adapter", LoraEndpoints.LoadAsync);
            _ = MapPost(app, fleet, "/v1/unload_lora_adapter", LoraEndpoints.UnloadAsync);
        }

        _ = MapPost(app, fleet, "/fake_metrics", AdminConfigEndpoint.PostFakeMetricsAsync).RequireAdmin();
        _ = MapPost(app, fleet, "/admin/config", AdminConfigEndpoint.PostAsync).RequireAdmin();
        _ = MapGet(app, fleet, "/admin/config", AdminConfigEndpoint.GetAsync).RequireAdmin();
        _ = MapGet(app, fleet, "/v1/models", ModelsEndpoint.HandleAsync);
        _ = MapGet(app, fleet, "/load", StatusEndpoints.LoadAsync);
        _ = app.MapMethods("/ping", ["GET", "POST"], context => StatusEndpoints.HealthAsync(context, fleet.Of(context))).WithoutTrace();
    }

    /// <summary>What speaks of the same model in other words than OpenAI's first two APIs.</summary>
    private static void MapFurtherApis(WebApplication app, EngineFleet fleet)
    {
        _ = MapPost(app, fleet, "/v1/completions/render", RenderEndpoints.CompletionAsync);
        _ = MapPost(app, fleet, "/v1/chat/completions/render", RenderEndpoints.ChatAsync);
        _ = MapPost(app, fleet, "/inference/v1/generate", GenerateEndpoint.HandleAsync);
        _ = MapPost(app, fleet, "/v1/embeddings", EmbeddingsEndpoint.HandleAsync);
        _ = MapPost(app, fleet, "/v1/responses", ResponsesEndpoint.HandleAsync);
        _ = app.MapGet("/v1/responses/{id}", ResponsesEndpoint.NotFoundAsync);
        _ = app.MapPost("/v1/responses/{id}/cancel", ResponsesEndpoint.NotFoundAsync);
        _ = MapPost(app, fleet, "/v1/messages", MessagesEndpoint.HandleAsync);
        _ = MapPost(app, fleet, "/v1/messages/count_tokens", MessagesEndpoint.CountTokensAsync);
    }

    protected override void MapHealth(WebApplication app) =>
        MapGet(app, app.Services.GetRequiredService<EngineFleet>(), "/health", StatusEndpoints.HealthAsync).WithoutTrace();

    /// <summary>Each port tells its own engine's metrics; the first one also those of the process.</summary>
    protected override void MapMetrics(WebApplication app)
    {
        var fleet = app.Services.GetRequiredService<EngineFleet>();
        _ = MapGet(app, fleet, "/metrics", (context, engine) =>
            MetricsEndpoint.HandleAsync(context, engine, engine == fleet.First ? output => WriteProcessMetrics(app, output) : null)).WithoutTrace();
    }

    /// <summary>What every request passes: error shapes, request id, keys, loading.</summary>
    private static void UseGate(WebApplication app, EngineFleet fleet, SimulatorFlags flags)
    {
        var keys = new ApiKeyCheck(flags.ApiKeys.Value is { Length: > 0 } given
            ? given : Environment.GetEnvironmentVariable("VLLM_API_KEY") is { Length: > 0 } key ? [key] : []);
        var time = app.Services.GetRequiredService<TimeProvider>();
        _ = app.Use(next => async context =>
        {
            RequestArrival.Note(context, time);
            if (flags.EnableRequestIdHeaders)
            {
                RequestIds.Echo(context);
            }

            if (!keys.Allows(context.Request))
            {
                await ApiKeyCheck.RefuseAsync(context);
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

    private static IEndpointConventionBuilder MapGet(WebApplication app, EngineFleet fleet, string path, Func<HttpContext, ServedEngine, Task> handle) =>
        app.MapGet(path, context => handle(context, fleet.Of(context)));

    private static IEndpointConventionBuilder MapPost(WebApplication app, EngineFleet fleet, string path, Func<HttpContext, ServedEngine, JsonDocument, Task> handle) =>
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
        });
}
