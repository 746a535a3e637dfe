using System.Text;
using LlmdAspire.Router.Sidecar;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Router.Tests.Sidecar;

/// <summary>A sidecar in this process before an engine, on a free port, and a client for it.</summary>
internal sealed class RunningSidecar : IAsyncDisposable
{
    private readonly RunningService _service;

    private RunningSidecar(RunningService service)
    {
        _service = service;
        Client = new HttpClient { BaseAddress = service.Url, Timeout = Eventually.Timeout };
    }

    public HttpClient Client { get; }

    public Uri Url => _service.Url;

    public static async Task<RunningSidecar> StartAsync(string engine, params string[] more)
    {
        string[] args = ["--port", "0", "--vllm-port", $"{new Uri(engine).Port}", "--log-level", "error", "--drain-timeout", "1s", "--prefill-retry-backoff", "1ms", .. more];
        return new(await new SidecarService().StartAsync(args));
    }

    /// <summary>Sends a request; with a prefiller named where one is given.</summary>
    public Task<HttpResponseMessage> CompleteAsync(string? prefiller = null, string body = """{"model":"test-model","prompt":"hi"}""", string path = "/v1/completions") =>
        SendAsync(body, path, prefiller is null ? [] : [("x-prefiller-host-port", prefiller)]);

    public async Task<HttpResponseMessage> SendAsync(string body, string path, (string Name, string Value)[] headers, CancellationToken leave = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leave);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _service.DisposeAsync();
    }
}
