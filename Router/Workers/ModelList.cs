using System.Text.Json;

namespace LlmdAspire.Router.Workers;

/// <summary>Asks a worker which models it serves.</summary>
internal static class ModelList
{
    // A list of models is a few hundred bytes; a peer that sends more than this is no engine.
    private const int MaxBytes = 4 << 20;

    /// <returns>The ids of <c>GET /v1/models</c>, or null when the worker does not tell.</returns>
    public static async Task<string[]?> ReadAsync(HttpMessageInvoker http, string destination, HealthOptions options, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, destination + "/v1/models");
            HealthProber.Authorize(request, options.ApiKey);
            using var response = await http.SendAsync(request, limit.Token);
            if (!response.IsSuccessStatusCode)
            {
                return null;
            }

            await response.Content.LoadIntoBufferAsync(MaxBytes, limit.Token);
            return Parse(await response.Content.ReadAsByteArrayAsync(limit.Token));
        }
        catch (Exception unknown) when (unknown is HttpRequestException or IOException or JsonException
            || (unknown is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Not telling is no fault: requests then pass without a check of their model.
            return null;
        }
    }

    internal static string[]? Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var ids = new List<string>();
        foreach (var model in data.EnumerateArray())
        {
            if (model.ValueKind == JsonValueKind.Object && model.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String)
            {
                ids.Add(id.GetString()!);
            }
        }

        return ids.Count == 0 ? null : [.. ids];
    }
}
