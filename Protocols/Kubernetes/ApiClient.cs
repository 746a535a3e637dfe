using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using LlmdAspire.Protocols.Http;

namespace LlmdAspire.Protocols.Kubernetes;

/// <summary>Asks an API server. Thread-safe.</summary>
/// <remarks>Only the account's own authorities may vouch for the server. Each watch has a connection of its own; a peer that is gone without a word is noticed by TCP within a minute.</remarks>
public sealed class ApiClient : IDisposable
{
    // A page of 500 large objects.
    private const int MaxBodyBytes = 64 * 1024 * 1024;

    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_answerTimeout = TimeSpan.FromSeconds(30);
    private static readonly MediaTypeWithQualityHeaderValue s_json = new("application/json");

    private readonly ApiServer _server;
    private readonly HttpClient _http;

    /// <exception cref="System.Security.Cryptography.CryptographicException">The account's authorities cannot be read.</exception>
    public ApiClient(ApiServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        if (server.Account is not null && server.Url.Scheme != Uri.UriSchemeHttps)
        {
            throw new ArgumentException("A token must not be sent without TLS.", nameof(server));
        }

        _server = server;
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            // Watches are no part of anybody's trace.
            ActivityHeadersPropagator = null,
            ConnectTimeout = s_connectTimeout,
            ConnectCallback = OpenAsync,
        };
        if (server.Account is { } account)
        {
            handler.SslOptions.CertificateChainPolicy = TrustOnly(account.ReadAuthorities());
        }

        _http = new HttpClient(handler) { BaseAddress = server.Url, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Reads a whole answer.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public async Task<JsonDocument> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_answerTimeout);
        using var response = await SendAsync(path, limit.Token);
        await response.Content.LoadIntoBufferAsync(MaxBodyBytes, limit.Token);
        return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(limit.Token));
    }

    /// <summary>Opens a stream; the caller disposes of the answer.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    internal async Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_answerTimeout);
        return await SendAsync(path, limit.Token);
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Accept.Add(s_json);
        if (_server.Account is { } account)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", account.ReadToken());
        }

        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await ApiException.ReadAsync(response, cancellationToken);
        }
    }

    private static X509ChainPolicy TrustOnly(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = await HttpDial.ConnectAsync(context, cancellationToken);
        // A watch may rightly be silent for minutes, so silence alone says nothing.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
