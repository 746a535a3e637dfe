using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Dashboard.Tests.Fakes;

/// <summary>What this page needs of the Router, in the Router's own shapes; a chat completion is "served" by the first engine.</summary>
internal sealed class FakeRouter : IAsyncDisposable
{
    private readonly ConcurrentStack<JsonObject> _requests = new();
    private FakeServer _server = null!;
    private int _served;

    public string Url => _server.Url;

    public List<string> Workers { get; } = [];

    public HashSet<string> Unhealthy { get; } = [];

    public string Model { get; init; } = "demo/model";

    /// <summary>The tokens of every answer.</summary>
    public string[] Answer { get; init; } = ["Hello", " from", " the", " engine", "."];

    /// <summary>What the last chat completion asked.</summary>
    public JsonElement? LastBody { get; private set; }

    /// <summary>Told of each chat completion before it is answered.</summary>
    public Action<string>? Arrived { get; set; }

    /// <summary>What the answers wait for.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    public ConcurrentQueue<string> Authorizations { get; } = new();

    public static async Task<FakeRouter> StartAsync(IEnumerable<string> workers, string model = "demo/model", string[]? answer = null)
    {
        var router = new FakeRouter { Model = model, Answer = answer ?? ["Hello", " from", " the", " engine", "."] };
        router.Workers.AddRange(workers);
        router._server = await FakeServer.StartAsync(router.Map);
        return router;
    }

    /// <summary>Puts a finished request on top of the recent ones.</summary>
    public void Served(string requestId, string endpoint, int status = 200, int attempts = 1) => _requests.Push(new JsonObject
    {
        ["request_id"] = requestId,
        ["time"] = DateTimeOffset.UtcNow.ToString("O"),
        ["method"] = "POST",
        ["path"] = "/v1/chat/completions",
        ["model"] = Model,
        ["stream"] = true,
        ["status"] = status,
        ["endpoint"] = endpoint,
        ["attempts"] = attempts,
        ["duration_ms"] = 312.5,
        ["ttfb_ms"] = 41.2,
        ["prompt_tokens"] = 14,
        ["completion_tokens"] = 5,
    });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private void Map(WebApplication app)
    {
        app.MapGet("/workers", (HttpContext context) =>
        {
            Authorizations.Enqueue(context.Request.Headers.Authorization.ToString());
            return Results.Json(new
            {
                workers = Workers.Select(url => new
                {
                    url,
                    model_id = Model,
                    models = new[] { Model },
                    worker_type = "regular",
                    is_healthy = !Unhealthy.Contains(url),
                    load = 0,
                    connection_mode = "http",
                    draining = false,
                    circuit_breaker = Unhealthy.Contains(url) ? "open" : "closed",
                }),
                total = Workers.Count,
            });
        });
        app.MapGet("/requests", (int limit) => Results.Json(new { requests = _requests.Take(limit) }));
        app.MapGet("/metrics", () => Results.Text($"vllm_router_requests_total{{route=\"/v1/chat/completions\"}} {_served}\n"));
        app.MapGet("/explain/{id}", Explain);
        app.MapPost("/v1/chat/completions", CompleteAsync);
    }

    private IResult Explain(string id) => _requests.FirstOrDefault(request => (string?)request["request_id"] == id) is { } request
        ? Results.Json(new
        {
            request_id = id,
            endpoint = (string?)request["endpoint"],
            policy = "round_robin",
            reason = "next in turn among the healthy engines",
            candidates = Workers.Select((url, i) => new { endpoint = url, eligible = !Unhealthy.Contains(url), scores = new { turn = i == 0 ? 1 : 0.25 }, total = i == 0 ? 1 : 0.25 }),
            age_ms = 12,
        })
        : Results.NotFound();

    private async Task CompleteAsync(HttpContext context)
    {
        LastBody = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body);
        var id = context.Request.Headers["x-request-id"] is [{ } given] ? given : $"chatcmpl-{Guid.NewGuid():N}";
        Arrived?.Invoke(id);
        await Hold;
        context.Response.Headers["x-request-id"] = id;
        context.Response.Headers["x-llmd-endpoint"] = Workers[0];
        context.Response.ContentType = "text/event-stream";
        foreach (var token in Answer)
        {
            await SendAsync(context.Response, new { choices = new[] { new { index = 0, delta = new { content = token } } } });
        }

        await SendAsync(context.Response, new { choices = Array.Empty<object>(), usage = new { prompt_tokens = 14, completion_tokens = Answer.Length } });
        _served++;
        Served(id, Workers[0]);
        await context.Response.WriteAsync("data: [DONE]\n\n");
    }

    private static async Task SendAsync(HttpResponse response, object chunk)
    {
        await response.WriteAsync($"data: {JsonSerializer.Serialize(chunk)}\n\n");
        await response.Body.FlushAsync();
    }
}
