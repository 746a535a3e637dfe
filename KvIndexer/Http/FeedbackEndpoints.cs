using System.Text.Json;
using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.KvIndexer.Scoring;
using LlmdAspire.Serving.Endpoints;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.KvIndexer.Http;

/// <summary><c>POST /v1/speculate</c> and <c>POST /v1/observe</c>: what pickers tell the indexer.</summary>
internal sealed class FeedbackEndpoints(EndpointCatalog catalog, PrefixScorer scorer, Speculation speculation, IndexerMetrics metrics, KvIndexerFlags flags)
{
    private const int MaxMilliseconds = 600_000;
    private const int DefaultMilliseconds = 2000;

    /// <summary>A prompt was sent to an endpoint, so its blocks will be there.</summary>
    public Task SpeculateAsync(HttpContext context) => HandleAsync(context, body =>
    {
        if (Text(body, "endpoint") is not { } name || Find(name) is not { } endpoint)
        {
            return UnknownEndpoint(Text(body, "endpoint"));
        }

        var milliseconds = Number(body, "ttl_ms") ?? (body.TryGetProperty("ttl_ms", out _) ? -1 : DefaultMilliseconds);
        if (milliseconds is < 1 or > MaxMilliseconds)
        {
            return OpenAiError.BadRequest($"ttl_ms must be a whole number from 1 to {MaxMilliseconds}.", "ttl_ms");
        }

        if (ReadKeys(body, out var error) is not { } keys)
        {
            return error;
        }

        speculation.Expect(endpoint.Number, keys, TimeSpan.FromMilliseconds(milliseconds));
        return null;
    });

    /// <summary>A request is done: how much of its prompt was expected in the cache, and how much was there.</summary>
    public Task ObserveAsync(HttpContext context) => HandleAsync(context, body =>
    {
        if (Text(body, "endpoint") is not { } name || !EndpointId.TryParse(name, out var id, out _))
        {
            return OpenAiError.BadRequest("endpoint must be the endpoint that served the request, http://HOST:PORT@RANK.", "endpoint");
        }

        if (Number(body, "predicted_tokens") is not (>= 0 and var predicted) || Number(body, "actual_tokens") is not (>= 0 and var actual))
        {
            return OpenAiError.BadRequest("predicted_tokens and actual_tokens must be whole numbers from 0 on.", "actual_tokens");
        }

        // Unknown names share one label, so that nobody can make series without end.
        metrics.Observed(catalog.Named(id).FirstOrDefault()?.Name ?? "other", predicted, actual);
        return null;
    });

    private async Task HandleAsync(HttpContext context, Func<JsonElement, OpenAiError?> handle)
    {
        if (await IndexerJson.ReadBodyAsync(context, flags.MaxBodyBytes) is not { } bytes)
        {
            return;
        }

        OpenAiError? error;
        try
        {
            using var body = JsonDocument.Parse(bytes);
            error = body.RootElement.ValueKind == JsonValueKind.Object
                ? handle(body.RootElement)
                : OpenAiError.BadRequest("The request body must be a JSON object.");
        }
        catch (JsonException wrong)
        {
            error = OpenAiError.BadRequest($"The request body is not valid JSON: {wrong.Message}");
        }

        if (error is not null)
        {
            await IndexerJson.WriteAsync(context, error);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private ulong[]? ReadKeys(JsonElement body, out OpenAiError? error)
    {
        error = null;
        if (body.TryGetProperty("blocks", out var blocks) && blocks.ValueKind == JsonValueKind.Array)
        {
            var keys = new ulong[blocks.GetArrayLength()];
            var count = 0;
            foreach (var block in blocks.EnumerateArray())
            {
                count += block.ValueKind == JsonValueKind.Number && block.TryGetUInt64(out keys[count]) ? 1 : 0;
            }

            error = count == keys.Length ? null : OpenAiError.BadRequest("blocks must be a list of block keys, whole numbers of 64 bits without sign.", "blocks");
            return error is null ? keys : null;
        }

        if (Text(body, "model") is not { Length: > 0 } model)
        {
            error = OpenAiError.BadRequest("model is missing: with token_ids it says whose blocks they become.", "model");
            return null;
        }

        if (!body.TryGetProperty("token_ids", out var ids) || ids.ValueKind != JsonValueKind.Array)
        {
            error = OpenAiError.BadRequest("token_ids or blocks must be given, as a list.", "token_ids");
            return null;
        }

        var tokens = new int[ids.GetArrayLength()];
        var read = 0;
        foreach (var id in ids.EnumerateArray())
        {
            read += id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out tokens[read]) && tokens[read] >= 0 ? 1 : 0;
        }

        if (read < tokens.Length)
        {
            error = OpenAiError.BadRequest("token_ids must be a list of token ids from 0 to 2147483647.", "token_ids");
            return null;
        }

        var chain = new ulong[tokens.Length];
        return chain[..scorer.Chain(Text(body, "lora") is { Length: > 0 } adapter ? adapter : model, Text(body, "cache_salt"), tokens, chain)];
    }

    private IndexedEndpoint? Find(string name) =>
        EndpointId.TryParse(name, out var id, out _) ? catalog.Named(id).FirstOrDefault() : null;

    private static OpenAiError UnknownEndpoint(string? name) => name is null
        ? OpenAiError.BadRequest("endpoint is missing: http://HOST:PORT@RANK.", "endpoint")
        : OpenAiError.OfStatus(404, $"There is no endpoint {name}; GET /v1/endpoints lists them.", "endpoint");

    private static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;
}
