using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Router.Tests;

/// <summary>A router in this process, listening on a free port, and a client for it.</summary>
internal sealed class RunningRouter : IAsyncDisposable
{
    // Generous: only a test that fails waits this long.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly RunningService _service;

    private RunningRouter(RunningService service)
    {
        _service = service;
        Client = new HttpClient { BaseAddress = service.Url, Timeout = s_patience };
    }

    public HttpClient Client { get; }

    public Uri Url => _service.Url;

    public IServiceProvider Services => _service.Services;

    /// <summary>Starts a router before these workers and waits until all of them are healthy. It takes them in turn unless told otherwise.</summary>
    public static Task<RunningRouter> StartAsync(params string[] workers) => StartAsync(workers, []);

    public static Task<RunningRouter> StartAsync(string[] workers, params string[] more) => StartWithAsync(["--worker-urls", .. workers, .. more]);

    /// <summary>Starts a router with nothing but these flags and waits until all its workers are healthy.</summary>
    public static async Task<RunningRouter> StartWithAsync(params string[] flags)
    {
        // The command line beats a file, in which a policy may stand.
        string[] policy = flags.Contains("--policy") || flags.Contains("--config") ? [] : ["--policy", "round_robin"];
        string[] args = ["--port", "0", "--prometheus-port", "0", "--log-level", "error", "--drain-timeout", "1s", .. flags, .. policy];
        var router = new RunningRouter(await new RouterService().StartAsync(args));
        await RunningRouter.UntilAsync(async () => (await router.Client.GetAsync("/health")).IsSuccessStatusCode);
        return router;
    }

    public Task<HttpResponseMessage> CompleteAsync(string body = """{"model":"test-model","prompt":"hi"}""", string path = "/v1/completions") =>
        Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

    /// <summary>Sends a request and returns as soon as headers are here.</summary>
    public Task<HttpResponseMessage> StreamAsync(CancellationToken cancellationToken = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
        {
            Content = new StringContent("""{"model":"test-model","prompt":"hi","stream":true}""", Encoding.UTF8, "application/json"),
        };
        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public async Task<JsonElement> GetJsonAsync(string path) => await Client.GetFromJsonAsync<JsonElement>(path);

    /// <summary>Waits for a state; looks again every few milliseconds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(s_patience);
        while (!await condition())
        {
            await Task.Delay(10, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _service.DisposeAsync();
    }
}
