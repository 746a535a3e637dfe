using System.Net.Http.Headers;
using System.Net.Sockets;

namespace LlmdAspire.Dashboard.Sources;

/// <summary>Reads one URL of another service, within bounds of time and size. Thread-safe.</summary>
internal sealed class SourceClient(IHttpClientFactory clients)
{
    private const int MaxBytes = 8 << 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http = clients.CreateClient(OutgoingClients.Sources);

    /// <summary>Gets a URL; every failure but the caller's own cancellation is an answer.</summary>
    /// <param name="url">An absolute http or https URL.</param>
    /// <param name="bearer">Key for admin paths, or null.</param>
    public async Task<SourceAnswer> GetAsync(Uri url, string? bearer, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(s_patience);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            if (bearer is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
            }

            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            var status = (int)response.StatusCode;
            if (!response.IsSuccessStatusCode)
            {
                return new SourceAnswer(null, $"answered {status} to {url.AbsolutePath}", status);
            }

            return await ReadBodyAsync(response.Content, patience.Token) is { } body
                ? new SourceAnswer(body, null, status)
                : new SourceAnswer(null, $"answered more than {MaxBytes >> 20} MiB to {url.AbsolutePath}", status);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new SourceAnswer(null, $"did not answer within {s_patience.TotalSeconds:0} s");
        }
        catch (HttpRequestException e)
        {
            return new SourceAnswer(null, Describe(e));
        }
        catch (IOException)
        {
            return new SourceAnswer(null, "broke off its answer");
        }
    }

    private static async Task<byte[]?> ReadBodyAsync(HttpContent content, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[16 << 10];
        while (await stream.ReadAsync(buffer, cancellation) is var read and > 0)
        {
            if (body.Length + read > MaxBytes)
            {
                return null;
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    private static string Describe(HttpRequestException e) => e.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "has a name that does not resolve",
        HttpRequestError.ConnectionError when e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused } =>
            "refused the connection",
        HttpRequestError.ConnectionError => "could not be reached",
        HttpRequestError.SecureConnectionError => "failed the TLS handshake",
        _ => "broke off its answer",
    };
}
