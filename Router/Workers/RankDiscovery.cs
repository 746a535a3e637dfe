using LlmdAspire.Protocols.Prometheus;

namespace LlmdAspire.Router.Workers;

/// <summary>Asks an engine how many data-parallel ranks it has: vLLM labels each rank's metrics with <c>engine</c>.</summary>
internal static class RankDiscovery
{
    // vLLM writes some hundred kilobytes for eight ranks; a peer that sends more than this is no engine.
    private const int MaxBytes = 16 << 20;

    /// <returns>The number of ranks, 1 where no metric has the label; null when the engine could not be asked.</returns>
    public static async Task<int?> CountAsync(HttpMessageInvoker http, string destination, HealthOptions options, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, destination + "/metrics");
            HealthProber.Authorize(request, options.ApiKey);
            using var response = await http.SendAsync(request, limit.Token);
            if (!response.IsSuccessStatusCode)
            {
                return 1;
            }

            await response.Content.LoadIntoBufferAsync(MaxBytes, limit.Token);
            return Count(await response.Content.ReadAsByteArrayAsync(limit.Token));
        }
        catch (Exception away) when (away is HttpRequestException or IOException || (away is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The next good probe asks again.
            return null;
        }
    }

    internal static int Count(ReadOnlySpan<byte> metrics)
    {
        var engines = new HashSet<string>(StringComparer.Ordinal);
        foreach (var sample in new PrometheusTextReader(metrics))
        {
            if (sample.Label("engine"u8) is { } engine)
            {
                _ = engines.Add(engine);
            }
        }

        return Math.Max(1, engines.Count);
    }
}
