namespace LlmdAspire.Router.Sidecar;

/// <summary>Asks the engine of this pod whether it is well.</summary>
internal sealed class EngineHealth(HttpMessageInvoker engines, LocalEngine engine)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    /// <summary>Whether the engine answers its own probe well, on every port that it has.</summary>
    public async ValueTask<bool> IsWellAsync(CancellationToken cancellationToken)
    {
        foreach (var destination in engine.Destinations)
        {
            if (!await IsWellAsync(destination, cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    private async ValueTask<bool> IsWellAsync(string destination, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_limit);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, destination + "/health");
            using var response = await engines.SendAsync(request, limit.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception away) when (away is HttpRequestException or IOException or OperationCanceledException)
        {
            return false;
        }
    }
}
