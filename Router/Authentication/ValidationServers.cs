using System.Net.Http.Headers;

namespace LlmdAspire.Router.Authentication;

/// <summary>Asks the servers of <c>--api-key-validation-urls</c> about a key: GET with the key as bearer, and 200 is yes.</summary>
internal sealed class ValidationServers : IDisposable
{
    // Validation is a lookup; a client should not wait longer to hear that it cannot be made.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        UseCookies = false,
        // A sign-in page is no yes.
        AllowAutoRedirect = false,
        // Whoever sends thousands of keys shall not make us flood the servers.
        MaxConnectionsPerServer = 64,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(50),
    });

    /// <summary>Asks all at once.</summary>
    public async Task<KeyVerdict> AskAsync(IReadOnlyList<Uri> urls, string key)
    {
        var answers = await Task.WhenAll(urls.Select(url => AskAsync(url, key)));
        return answers.Contains(KeyVerdict.Valid) ? KeyVerdict.Valid
            : answers.Contains(KeyVerdict.Unknown) ? KeyVerdict.Unknown
            : KeyVerdict.Invalid;
    }

    public void Dispose() => _http.Dispose();

    private async Task<KeyVerdict> AskAsync(Uri url, string key)
    {
        using var limit = new CancellationTokenSource(s_patience);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var response = await _http.SendAsync(request, limit.Token);
            return (int)response.StatusCode switch
            {
                200 => KeyVerdict.Valid,
                429 or >= 500 => KeyVerdict.Unknown,
                _ => KeyVerdict.Invalid,
            };
        }
        catch (Exception away) when (away is HttpRequestException or IOException or OperationCanceledException)
        {
            return KeyVerdict.Unknown;
        }
        catch (FormatException)
        {
            // Not even a header can carry it.
            return KeyVerdict.Invalid;
        }
    }
}
