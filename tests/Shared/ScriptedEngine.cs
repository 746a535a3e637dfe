using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.Tests.Shared;

/// <summary>An engine on a real socket that answers what a test tells it to.</summary>
/// <remarks>Answers <c>/health</c>, <c>/v1/models</c> and <c>/metrics</c> like an engine; everything else goes to <see cref="OnRequest"/>. Keeps every other request it saw.</remarks>
public sealed class ScriptedEngine : IAsyncDisposable
{
    private int _metricsReads;
    private readonly ConcurrentQueue<ReceivedRequest> _received = new();
    private readonly WebApplication _app;

    private ScriptedEngine(WebApplication app) => _app = app;

    /// <summary>Answers requests; the body was read already and stands in <see cref="ReceivedRequest.Body"/>.</summary>
    public Func<HttpContext, ReceivedRequest, Task> OnRequest { get; set; } = (context, _) => context.Response.WriteAsync("{}");

    /// <summary>The status of <c>/health</c>.</summary>
    public int Health { get; set; } = 200;

    /// <summary>What <c>/v1/models</c> lists; null answers 404.</summary>
    public string[]? Models { get; set; } = ["test-model"];

    /// <summary>What <c>/metrics</c> answers; null answers 404.</summary>
    public string? Metrics { get; set; }

    /// <summary>How often <c>/metrics</c> was asked for.</summary>
    public int MetricsReads => _metricsReads;

    public required string Url { get; init; }

    public int Port => new Uri(Url).Port;

    /// <summary>Requests but for <c>/health</c>, <c>/v1/models</c> and <c>/metrics</c>, oldest first.</summary>
    public IReadOnlyCollection<ReceivedRequest> Received => _received;

    /// <summary>Starts one.</summary>
    /// <param name="port">A port that must be taken, for an engine that comes back; 0 takes a free one.</param>
    /// <param name="address">Another address of this machine than 127.0.0.1, as pods have one each.</param>
    public static async Task<ScriptedEngine> StartAsync(Func<HttpContext, ReceivedRequest, Task>? onRequest = null, int port = 0, IPAddress? address = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(address ?? IPAddress.Loopback, port);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        var app = builder.Build();
        ScriptedEngine? engine = null;
        app.Run(context => engine!.HandleAsync(context));
        await app.StartAsync();
        var url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        engine = new ScriptedEngine(app) { Url = url };
        engine.OnRequest = onRequest ?? engine.OnRequest;
        return engine;
    }

    public async ValueTask DisposeAsync()
    {
        // At once: a test that ends must not wait for streams it left open.
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path == "/metrics")
        {
            Interlocked.Increment(ref _metricsReads);
        }

        switch (context.Request.Path.Value)
        {
            case "/health":
                context.Response.StatusCode = Health;
                return;
            case "/v1/models" when Models is { } models:
                await context.Response.WriteAsJsonAsync(new { @object = "list", data = models.Select(id => new { id, @object = "model" }) });
                return;
            case "/metrics" when Metrics is { } metrics:
                await context.Response.WriteAsync(metrics);
                return;
            case "/v1/models" or "/metrics":
                context.Response.StatusCode = 404;
                return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var request = new ReceivedRequest(
            context.Request.Method,
            context.Request.Path + context.Request.QueryString,
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray());
        _received.Enqueue(request);
        await OnRequest(context, request);
    }
}

/// <summary>A request as an engine saw it.</summary>
public sealed record ReceivedRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);
}
