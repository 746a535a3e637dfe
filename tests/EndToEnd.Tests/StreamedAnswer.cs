using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>A streamed request under way.</summary>
internal sealed class StreamedAnswer : IDisposable
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _leave = new();

    private StreamedAnswer(HttpClient client, JsonObject body) => Ended = ReadAsync(client, body);

    /// <summary>Completes with the first event, or with the end of an answer that has none.</summary>
    public Task Begun => _begun.Task;

    public Task<StreamEnd> Ended { get; }

    public static StreamedAnswer Start(HttpClient client, JsonObject body)
    {
        body["stream"] = true;
        return new StreamedAnswer(client, body);
    }

    /// <summary>The client goes away.</summary>
    public void Leave() => _leave.Cancel();

    public void Dispose() => _leave.Dispose();

    private async Task<StreamEnd> ReadAsync(HttpClient client, JsonObject body)
    {
        List<string> events = [];
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(body) };
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _leave.Token);
            var endpoint = response.Headers.TryGetValues("x-llmd-endpoint", out var values) ? values.Single() : null;
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(_leave.Token));
            while (await reader.ReadLineAsync(_leave.Token) is { } line)
            {
                if (line.Length > 0)
                {
                    events.Add(line.StartsWith("data: ", StringComparison.Ordinal) ? line["data: ".Length..] : line);
                    _ = _begun.TrySetResult();
                }
            }

            return new((int)response.StatusCode, endpoint, response.Headers.RetryAfter?.ToString(), events);
        }
        catch (OperationCanceledException) when (_leave.IsCancellationRequested)
        {
            return new(0, null, null, events);
        }
        finally
        {
            _ = _begun.TrySetResult();
        }
    }
}

/// <summary>How a streamed request ended.</summary>
/// <param name="Status">0 when the client left.</param>
/// <param name="Events">Data of the events; for an answer that is no stream, its lines.</param>
internal sealed record StreamEnd(int Status, string? Endpoint, string? RetryAfter, IReadOnlyList<string> Events)
{
    public bool IsDone => Events.Contains("[DONE]");

    /// <summary>Events that are errors in OpenAI's shape.</summary>
    public IReadOnlyList<JsonNode> Errors => [.. Events
        .Where(data => data != "[DONE]")
        .Select(data => JsonNode.Parse(data)!["error"])
        .OfType<JsonNode>()];
}
