using System.Net.Http.Headers;
using System.Text.Json;
using LlmdAspire.Protocols.Http;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>What an engine answered to a request for tokens.</summary>
/// <param name="Tokens">The tokens, or null.</param>
/// <param name="Status">HTTP status; 0 when the engine could not be reached.</param>
/// <param name="Error">The body of an answer that is no success.</param>
internal readonly record struct TokenizeAnswer(int[]? Tokens, int Status, string? Error);

/// <summary>Asks engines over HTTP for their model and for tokens. Thread-safe.</summary>
internal sealed class EngineClient(IHttpClientFactory clients, IndexerMetrics metrics, TimeProvider clock)
{
    /// <summary>Name of the HTTP client.</summary>
    public const string ClientName = "engines";

    private const int MaxAnswerBytes = 64 << 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly MediaTypeHeaderValue s_json = new("application/json");

    private readonly HttpClient _http = clients.CreateClient(ClientName);

    /// <summary>The first model that an engine lists, which is its base model; null when it does not answer.</summary>
    public async Task<string?> FirstModelAsync(EndpointId engine, CancellationToken cancellation)
    {
        using var patience = Within(cancellation);
        try
        {
            var body = await _http.GetByteArrayAsync(new Uri(engine.BaseUrl + "/v1/models"), patience.Token);
            using var json = JsonDocument.Parse(body);
            return json.RootElement.GetProperty("data")[0].GetProperty("id").GetString();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            // The engine is away, is still loading, or is none: the caller asks again.
            return null;
        }
    }

    /// <summary>Posts a body to an engine's <c>/tokenize</c>; every failure but the caller's own cancellation is an answer.</summary>
    public async Task<TokenizeAnswer> TokenizeAsync(EndpointId engine, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        using var span = IndexerMetrics.Spans.StartActivity("tokenize");
        _ = span?.SetTag("server.address", engine.Host).SetTag("server.port", engine.Port);
        var began = clock.GetTimestamp();
        var answer = await PostAsync(engine, body, cancellation);
        metrics.Tokenized(clock.GetElapsedTime(began), answer.Tokens?.Length);
        _ = span?.SetTag("llmd.tokens", answer.Tokens?.Length);
        return answer;
    }

    private async Task<TokenizeAnswer> PostAsync(EndpointId engine, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        using var patience = Within(cancellation);
        try
        {
            using var content = new ReadOnlyMemoryContent(body);
            content.Headers.ContentType = s_json;
            using var response = await _http.PostAsync(new Uri(engine.BaseUrl + "/tokenize"), content, patience.Token);
            var answer = await response.Content.ReadAsByteArrayAsync(patience.Token);
            return response.IsSuccessStatusCode
                ? new TokenizeAnswer(TokenizeReply.Read(answer), (int)response.StatusCode, null)
                : new TokenizeAnswer(null, (int)response.StatusCode, TokenizeReply.ReadError(answer));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new TokenizeAnswer(null, 0, $"did not answer within {s_patience.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            return new TokenizeAnswer(null, 0, e.Message);
        }
    }

    private static CancellationTokenSource Within(CancellationToken cancellation)
    {
        var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(s_patience);
        return patience;
    }

    /// <summary>Registers the HTTP client.</summary>
    public static void AddTo(IServiceCollection services) => services
        .AddHttpClient(ClientName, client =>
        {
            client.Timeout = Timeout.InfiniteTimeSpan;
            client.MaxResponseContentBufferSize = MaxAnswerBytes;
        })
        .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(2),
            ConnectCallback = HttpDial.OpenAsync,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        // A singleton keeps its client, so the handler renews its connections itself.
        .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
        .RemoveAllLoggers();
}
