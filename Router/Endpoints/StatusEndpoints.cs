using LlmdAspire.Router.Picker;
using LlmdAspire.Router.Workers;
using LlmdAspire.ServiceDefaults.Telemetry;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Endpoints;

/// <summary>Whether the router and its workers are well, in vllm-router's words.</summary>
internal static class StatusEndpoints
{
    public static void Map(WebApplication app)
    {
        var pool = app.Services.GetRequiredService<WorkerPool>();
        var hasPicker = app.Services.GetService<PickerClient>() is not null;
        _ = app.MapGet("/liveness", (RequestDelegate)(context => context.Response.WriteAsync("OK"))).RequireCors(InferenceEndpoints.CorsPolicy).WithoutTrace();
        // It tells of vllm-router's program scheduling, which is not here; an engine has no such path either.
        _ = app.MapGet("/scheduling/diagnostics", (RequestDelegate)(context =>
            ErrorAnswer.WriteAsync(context, OpenAiError.OfStatus(404, "Requests are not scheduled by program here; GET /explain/{request-id} tells why one went where it went.")))).WithoutTrace();
        _ = app.MapGet("/readiness", (RequestDelegate)(context => AnswerReadinessAsync(context, pool, hasPicker))).RequireCors(InferenceEndpoints.CorsPolicy).WithoutTrace();
    }

    /// <summary>200 while every listed worker is healthy, else 503 with the names of those that are not.</summary>
    public static void MapHealth(WebApplication app)
    {
        var pool = app.Services.GetRequiredService<WorkerPool>();
        _ = app.MapGet("/health", (RequestDelegate)(context => AnswerHealthAsync(context, pool))).RequireCors(InferenceEndpoints.CorsPolicy).WithoutTrace();
    }

    private static Task AnswerHealthAsync(HttpContext context, WorkerPool pool)
    {
        var away = new List<string>();
        foreach (var worker in pool.Current.Endpoints)
        {
            // Endpoints that only the picker named are the picker's to watch.
            if (worker.Health != WorkerHealth.Healthy && !worker.Learned)
            {
                away.Add(worker.Name);
            }
        }

        context.Response.ContentType = "text/plain; charset=utf-8";
        if (away.Count == 0)
        {
            return context.Response.WriteAsync("All servers healthy");
        }

        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync("Unhealthy servers: " + string.Join(", ", away));
    }

    private static Task AnswerReadinessAsync(HttpContext context, WorkerPool pool, bool hasPicker)
    {
        var workers = pool.Current;
        var healthy = 0;
        // A picker knows its endpoints itself, so that an empty list is no reason to wait.
        var canServe = hasPicker && workers.Count == 0;
        foreach (var worker in workers.Endpoints)
        {
            healthy += worker.IsAvailable ? 1 : 0;
            canServe |= worker.IsAvailable && worker.Role != WorkerRole.Prefill;
        }

        if (canServe)
        {
            return RouterJson.WriteAsync(context, 200, new { status = "ready", healthy_workers = healthy, total_workers = workers.Count });
        }

        var reason = workers.Count == 0 ? "No workers are registered" : "No healthy workers";
        return RouterJson.WriteAsync(context, 503, new { status = "not_ready", reason, total_workers = workers.Count });
    }
}
