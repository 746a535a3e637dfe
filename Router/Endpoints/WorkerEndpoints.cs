using System.Text.Json;
using LlmdAspire.Router.Workers;
using LlmdAspire.ServiceDefaults.Admin;
using LlmdAspire.ServiceDefaults.Telemetry;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Router.Endpoints;

/// <summary>Lists workers and lets an operator add and remove them: vllm-router's REST paths and its older ones.</summary>
internal static class WorkerEndpoints
{
    public static void Map(WebApplication app, WorkerRole defaultRole)
    {
        var pool = app.Services.GetRequiredService<WorkerPool>();
        var admission = app.Services.GetRequiredService<WorkerArrival>();

        _ = app.MapGet("/workers", (RequestDelegate)(context => RouterJson.WriteAsync(context, 200, List(pool)))).RequireAdmin().WithoutTrace();
        _ = app.MapPost("/workers", (RequestDelegate)(context => AddAsync(context, admission, defaultRole))).RequireAdmin();
        _ = app.MapGet("/workers/{**url}", (RequestDelegate)(context => ShowAsync(context, pool))).RequireAdmin().WithoutTrace();
        _ = app.MapDelete("/workers/{**url}", (RequestDelegate)(context => RemoveAsync(context, pool))).RequireAdmin();

        _ = app.MapGet("/list_workers", (RequestDelegate)(context => RouterJson.WriteAsync(context, 200, new { urls = List(pool).Workers.Select(w => w.Url) }))).RequireAdmin();
        _ = app.MapPost("/add_worker", (RequestDelegate)(context => AddByQueryAsync(context, admission, defaultRole))).RequireAdmin();
        _ = app.MapPost("/remove_worker", (RequestDelegate)(context => RemoveByQueryAsync(context, pool))).RequireAdmin();
    }

    private static WorkerList List(WorkerPool pool)
    {
        var workers = new List<WorkerInfo>();
        foreach (var worker in pool.Current.Endpoints)
        {
            workers.Add(WorkerInfo.Of(worker));
        }

        var prefill = workers.Count(worker => worker.WorkerType == "prefill");
        var decode = workers.Count(worker => worker.WorkerType == "decode");
        return new(workers, workers.Count, new(prefill, decode, workers.Count - prefill - decode));
    }

    private static async Task AddAsync(HttpContext context, WorkerArrival arrival, WorkerRole role)
    {
        string? url = null;
        try
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            role = Role(body.RootElement, role);
            url = body.RootElement.ValueKind == JsonValueKind.Object && body.RootElement.TryGetProperty("url", out var value)
                && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (JsonException)
        {
            // The answer below says what is expected.
        }

        var (worker, mistake) = url is null
            ? (null, "The body must be JSON with a url: {\"url\": \"http://HOST:PORT\"}.")
            : await arrival.AddAsync(url, role, context.RequestAborted);
        await (worker is null
            ? RouterJson.WriteAsync(context, 400, new { error = mistake, code = "ADD_WORKER_FAILED" })
            : RouterJson.WriteAsync(context, 200, new { success = true, message = $"Worker {worker.Name} added", worker = WorkerInfo.Of(worker) }));
    }

    private static async Task AddByQueryAsync(HttpContext context, WorkerArrival arrival, WorkerRole role)
    {
        var (worker, mistake) = await arrival.AddAsync(context.Request.Query["url"].ToString(), role, context.RequestAborted);
        context.Response.StatusCode = worker is null ? 400 : 200;
        await context.Response.WriteAsync(worker is null ? mistake! : $"Successfully added worker: {worker.Name}");
    }

    private static Task ShowAsync(HttpContext context, WorkerPool pool) =>
        EndpointId.TryParse(RouteUrl(context), out var id, out _) && WorkerInfo.Of(id, pool.Find(id)) is { } info
            ? RouterJson.WriteAsync(context, 200, info)
            : NotFoundAsync(context);

    private static Task RemoveAsync(HttpContext context, WorkerPool pool) =>
        Remove(pool, RouteUrl(context)) is { } id
            ? RouterJson.WriteAsync(context, 200, new { success = true, message = $"Worker {id} removed" })
            : NotFoundAsync(context);

    private static Task RemoveByQueryAsync(HttpContext context, WorkerPool pool)
    {
        var url = context.Request.Query["url"].ToString();
        var removed = Remove(pool, url);
        context.Response.StatusCode = removed is null ? 404 : 200;
        return context.Response.WriteAsync(removed is null ? $"There is no worker {url}; GET /workers lists them." : $"Successfully removed worker: {removed}");
    }

    private static WorkerRole Role(JsonElement body, WorkerRole otherwise) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty("worker_type", out var type) && type.ValueKind == JsonValueKind.String
            ? type.GetString() switch
            {
                "prefill" => WorkerRole.Prefill,
                "decode" => WorkerRole.Decode,
                "regular" => WorkerRole.Regular,
                _ => otherwise,
            }
            : otherwise;

    // The server leaves an escaped slash in a path as it is.
    private static string RouteUrl(HttpContext context) => Uri.UnescapeDataString(context.GetRouteValue("url") as string ?? "");

    private static Task NotFoundAsync(HttpContext context) =>
        RouterJson.WriteAsync(context, 404, new { error = $"There is no worker {RouteUrl(context)}; GET /workers lists them.", code = "WORKER_NOT_FOUND" });

    // A bare URL stands for the engine: all its ranks go.
    private static EndpointId? Remove(WorkerPool pool, string url)
    {
        if (!EndpointId.TryParse(url, out var id, out _))
        {
            return null;
        }

        return pool.RemoveAll(id) ? id : null;
    }
}
