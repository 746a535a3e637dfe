using System.Net;
using System.Text.Json.Nodes;
using LlmdAspire.Protocols.Http;

namespace LlmdAspire.Simulator.KvTransfer;

/// <summary>What became of content that another engine was to keep.</summary>
internal enum ClaimResult
{
    /// <summary>It is there and can be copied.</summary>
    Ready,

    /// <summary>The blocks named belong to a rank that never had this request; whoever copies them gets something else.</summary>
    OtherRank,

    /// <summary>It is not there any more, or nobody answers.</summary>
    Lost,
}

/// <summary>The other engines' side channels, seen from the engine that copies.</summary>
internal sealed class RemoteEngines(ILogger<RemoteEngines> logger) : IDisposable
{
    // One engine asks another on the same network; what takes longer is as good as gone, and the client waits meanwhile.
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(2),
        ConnectCallback = HttpDial.OpenAsync,
        UseProxy = false,
    })
    { Timeout = s_timeout };

    /// <summary>Asks the other engine to keep content while it is copied.</summary>
    public async Task<ClaimResult> ClaimAsync(RemoteContent content, CancellationToken cancellationToken)
    {
        try
        {
            return await PostAsync(content, KvSideChannel.ClaimPath, cancellationToken) switch
            {
                HttpStatusCode.OK => ClaimResult.Ready,
                HttpStatusCode.Conflict => ClaimResult.OtherRank,
                _ => ClaimResult.Lost,
            };
        }
        catch (Exception e) when (IsUnreachable(e, cancellationToken))
        {
            KvTransferLog.Unreachable(logger, content.Host, content.Port, e.Message);
            return ClaimResult.Lost;
        }
    }

    /// <summary>Tells the other engine that the content is not needed any more; false when it cannot be told, and its lease will end it.</summary>
    public async Task<bool> ReleaseAsync(RemoteContent content)
    {
        try
        {
            _ = await PostAsync(content, KvSideChannel.ReleasePath, CancellationToken.None);
            return true;
        }
        catch (Exception e) when (IsUnreachable(e, CancellationToken.None))
        {
            KvTransferLog.Unreachable(logger, content.Host, content.Port, e.Message);
            return false;
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpStatusCode> PostAsync(RemoteContent content, string path, CancellationToken cancellationToken)
    {
        var url = new UriBuilder(Uri.UriSchemeHttp, content.Host, content.Port, path).Uri;
        var json = new JsonObject { [KvSideChannel.EngineField] = content.EngineId, [KvSideChannel.RequestField] = content.RequestId };
        using var body = new StringContent(json.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync(url, body, cancellationToken);
        return response.StatusCode;
    }

    private static bool IsUnreachable(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException or UriFormatException or ObjectDisposedException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
