using LlmdAspire.Router.Configuration;
using LlmdAspire.Router.Disaggregation;
using LlmdAspire.Router.Endpoints;
using LlmdAspire.ServiceDefaults.Telemetry;

namespace LlmdAspire.Router.Sidecar;

/// <summary>What the sidecar answers itself, and where the rest goes: all the engine's paths are the engine's, its health and metrics too.</summary>
internal static class SidecarEndpoints
{
    /// <summary>Maps whether the sidecar and its engine can serve.</summary>
    public static void MapProbes(WebApplication app)
    {
        var engine = app.Services.GetRequiredService<EngineHealth>();
        _ = app.MapGet("/liveness", (RequestDelegate)(context => context.Response.WriteAsync("OK"))).WithoutTrace();
        _ = app.MapGet("/readiness", (RequestDelegate)(context => AnswerHealthAsync(context, engine))).WithoutTrace();
    }

    /// <summary>Maps <c>/health</c> of the metrics port; on the others it is the engine's own.</summary>
    public static void MapHealth(WebApplication app)
    {
        var engine = app.Services.GetRequiredService<EngineHealth>();
        _ = app.MapGet("/health", (RequestDelegate)(context => AnswerHealthAsync(context, engine))).WithoutTrace();
    }

    /// <summary>Sends everything on to the engine that is not ours.</summary>
    public static void ForwardTheRest(WebApplication app, int metricsPort)
    {
        var routes = app.Services.GetRequiredService<RouteReader>();
        var engine = app.Services.GetRequiredService<PassThrough>();
        var stages = app.Services.GetRequiredService<RequestPathInForce>();
        var rules = TwoStages.Paths.ToDictionary(path => path, path => new RouteRules(path) { RequiresJson = true });
        _ = app.Use(next => context => IsOurs(context, metricsPort) ? next(context) : ForwardAsync(context));

        Task ForwardAsync(HttpContext context)
        {
            if (GuardedPaths.Refuses(context))
            {
                return GuardedPaths.AnswerAsync(context);
            }

            var (route, refused) = routes.Read(context);
            if (route is null)
            {
                return ErrorAnswer.WriteAsync(context, refused!);
            }

            if (route.Prefillers.Count == 0 || !HttpMethods.IsPost(context.Request.Method) || !rules.TryGetValue(context.Request.Path.Value ?? "", out var stage))
            {
                return engine.HandleAsync(context, route);
            }

            context.Features.Set(route);
            return stages.Current.Pipeline.HandleAsync(context, stage);
        }
    }

    private static bool IsOurs(HttpContext context, int metricsPort) =>
        context.Request.Path.Value is "/alive" or "/liveness" or "/readiness" || (metricsPort != 0 && context.Connection.LocalPort == metricsPort);

    private static async Task AnswerHealthAsync(HttpContext context, EngineHealth engine)
    {
        var isWell = await engine.IsWellAsync(context.RequestAborted);
        await RouterJson.WriteAsync(context, isWell ? 200 : 503, new { status = isWell ? "ready" : "not_ready" });
    }
}
