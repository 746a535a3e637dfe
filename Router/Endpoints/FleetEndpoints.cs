using System.Text.Json;
using LlmdAspire.Router.Configuration;
using LlmdAspire.Router.Workers;
using LlmdAspire.ServiceDefaults.Admin;
using LlmdAspire.ServiceDefaults.Telemetry;

namespace LlmdAspire.Router.Endpoints;

/// <summary>Calls that go to every worker at once.</summary>
internal static class FleetEndpoints
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public static void Map(WebApplication app)
    {
        var pool = app.Services.GetRequiredService<WorkerPool>();
        var http = app.Services.GetRequiredService<HttpMessageInvoker>();
        var health = app.Services.GetRequiredService<Live<HealthOptions>>();
        _ = app.MapPost("/flush_cache", (RequestDelegate)(context => FlushAsync(context, pool, http, health.Current.ApiKey))).RequireAdmin();
        _ = app.MapGet("/get_loads", (RequestDelegate)(context => LoadsAsync(context, pool, http, health.Current.ApiKey))).RequireAdmin().WithoutTrace();
    }

    private static async Task FlushAsync(HttpContext context, WorkerPool pool, HttpMessageInvoker http, string? apiKey)
    {
        var workers = pool.Current.Endpoints.ToArray();
        var failed = new List<string>();
        var answers = await Task.WhenAll(workers.Select(worker => FlushAsync(worker, http, apiKey, context.RequestAborted)));
        for (var i = 0; i < workers.Length; i++)
        {
            if (!answers[i])
            {
                failed.Add(workers[i].Name);
            }
        }

        context.Response.StatusCode = failed.Count == 0 ? 200 : 500;
        await context.Response.WriteAsync(failed.Count == 0
            ? $"Cache flushed on {workers.Length} workers"
            : "Cache not flushed on: " + string.Join(", ", failed));
    }

    // vllm-router calls /flush_cache; vLLM itself calls it /reset_prefix_cache.
    private static async Task<bool> FlushAsync(Worker worker, HttpMessageInvoker http, string? apiKey, CancellationToken cancellationToken) =>
        await AskAsync(http, HttpMethod.Post, worker.Destination + "/reset_prefix_cache", apiKey, cancellationToken) is { }
        || await AskAsync(http, HttpMethod.Post, worker.Destination + "/flush_cache", apiKey, cancellationToken) is { };

    private static async Task LoadsAsync(HttpContext context, WorkerPool pool, HttpMessageInvoker http, string? apiKey)
    {
        var workers = pool.Current.Endpoints.ToArray();
        var loads = await Task.WhenAll(workers.Select(worker => LoadAsync(worker, http, apiKey, context.RequestAborted)));
        await RouterJson.WriteAsync(context, 200, new { workers = workers.Select((worker, i) => new { worker = worker.Name, load = loads[i] }) });
    }

    private static async Task<long> LoadAsync(Worker worker, HttpMessageInvoker http, string? apiKey, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(http, HttpMethod.Get, worker.Destination + "/load", apiKey, cancellationToken);
        try
        {
            using var json = JsonDocument.Parse(answer ?? "{}");
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("server_load", out var load)
                && load.ValueKind == JsonValueKind.Number && load.TryGetInt64(out var value) ? value : -1;
        }
        catch (JsonException)
        {
            // An engine that does not tell its load has an unknown one.
            return -1;
        }
    }

    private static async Task<string?> AskAsync(HttpMessageInvoker http, HttpMethod method, string url, string? apiKey, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_patience);
        try
        {
            using var request = new HttpRequestMessage(method, url);
            HealthProber.Authorize(request, apiKey);
            using var response = await http.SendAsync(request, limit.Token);
            return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync(limit.Token) : null;
        }
        catch (Exception away) when (away is HttpRequestException or IOException || (away is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The caller names the workers that gave no answer.
            return null;
        }
    }
}
