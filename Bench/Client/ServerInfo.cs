using System.Text.Json;

namespace LlmdAspire.Bench.Client;

/// <summary>What a server says about itself, and what else it is asked to do around a benchmark.</summary>
internal sealed class ServerInfo(HttpMessageInvoker http, Target target, RequestHeaders headers)
{
    // These answer at once or not at all; a benchmark must not hang on them.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Name and underlying model of the first entry of <c>/v1/models</c>; null when there is none.</summary>
    public async Task<(string Name, string Id)?> FirstModelAsync(CancellationToken stop)
    {
        using var json = await AskAsync(HttpMethod.Get, "/v1/models", null, stop);
        if (json?.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("data", out var data)
            || data.ValueKind != JsonValueKind.Array || data.GetArrayLength() == 0 || Text(data[0], "id") is not { } id)
        {
            return null;
        }

        return (id, Text(data[0], "root") ?? id);
    }

    /// <summary>The server's tokens of a text; null when it does not say.</summary>
    public async Task<int[]?> TokenizeAsync(string model, string text, bool addsSpecialTokens, CancellationToken stop)
    {
        using var json = await AskAsync(HttpMethod.Post, "/tokenize", Json(new { model, prompt = text, add_special_tokens = addsSpecialTokens }), stop);
        return json?.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("tokens", out var tokens) && tokens.ValueKind == JsonValueKind.Array
            && tokens.EnumerateArray().All(token => token.ValueKind == JsonValueKind.Number && token.TryGetInt32(out _))
                ? [.. tokens.EnumerateArray().Select(token => token.GetInt32())] : null;
    }

    /// <summary>The text of tokens; null when the server does not say.</summary>
    public async Task<string?> DetokenizeAsync(string model, int[] tokens, CancellationToken stop)
    {
        using var json = await AskAsync(HttpMethod.Post, "/detokenize", Json(new { model, tokens }), stop);
        return json?.RootElement is { ValueKind: JsonValueKind.Object } root ? Text(root, "prompt") : null;
    }

    /// <summary>Posts to a path without a body.</summary>
    /// <returns>Whether the server agreed.</returns>
    public async Task<bool> PostAsync(string path, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, target.At(path));
        headers.AddTo(request);
        try
        {
            using var response = await http.SendAsync(request, stop);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<JsonDocument?> AskAsync(HttpMethod method, string path, HttpContent? body, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(s_patience);
        using var request = new HttpRequestMessage(method, target.At(path)) { Content = body };
        headers.AddTo(request);
        try
        {
            using var response = await http.SendAsync(request, limit.Token);
            return response.IsSuccessStatusCode ? await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(limit.Token), default, limit.Token) : null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            return null;
        }
    }

    // With a length; the framework's own JSON content goes out in chunks, which small servers do not read.
    private static ByteArrayContent Json<T>(T body) => new(JsonSerializer.SerializeToUtf8Bytes(body));

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
}
