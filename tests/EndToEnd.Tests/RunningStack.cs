using System.Net.Http.Json;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>The default stack as a process of its own, and what its parts say when asked.</summary>
internal sealed class RunningStack : IAsyncDisposable
{
    public const string Model = "Qwen/Qwen3-0.6B";

    private readonly AppHostProcess _appHost;

    private RunningStack(AppHostProcess appHost, Uri api)
    {
        _appHost = appHost;
        Client = new HttpClient { BaseAddress = new Uri(api.GetLeftPart(UriPartial.Authority)), Timeout = Eventually.Timeout };
    }

    /// <summary>A client of the router.</summary>
    public HttpClient Client { get; }

    public static async Task<RunningStack> StartAsync(IReadOnlyDictionary<string, string>? environment = null, params string[] options)
    {
        var appHost = AppHostProcess.Start(underDotnetRun: false, environment, options);
        try
        {
            var stack = new RunningStack(appHost, await appHost.ReadyAsync());
            await stack.EveryPartIsUpAsync();
            return stack;
        }
        catch
        {
            await appHost.DisposeAsync();
            throw;
        }
    }

    public Uri UrlOf(string resource) => _appHost.Resources.Single(entry => entry.Name == resource).Url;

    public int PidOf(string resource) => _appHost.Resources.Single(entry => entry.Name == resource).Pid;

    /// <summary>Sends a completion request.</summary>
    /// <param name="prompt">Text, or token identifiers.</param>
    public async Task<Answer> CompleteAsync(JsonNode prompt, int maxTokens = 4)
    {
        var body = new JsonObject { ["model"] = Model, ["prompt"] = prompt.DeepClone(), ["max_tokens"] = maxTokens, ["ignore_eos"] = true };
        using var response = await Client.PostAsJsonAsync("/v1/completions", body);
        var endpoint = response.Headers.TryGetValues("x-llmd-endpoint", out var values) ? values.Single() : null;
        var id = response.Headers.TryGetValues("x-request-id", out var ids) ? ids.Single() : null;
        return new Answer((int)response.StatusCode, endpoint, id, await response.Content.ReadFromJsonAsync<JsonNode>());
    }

    /// <summary>Sum of a metric's series at a resource.</summary>
    public async Task<double> MetricAsync(string resource, string name)
    {
        using var client = new HttpClient();
        var text = await client.GetStringAsync(new Uri(UrlOf(resource), "/metrics"));
        return text.Split('\n')
            .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }

    public async Task<JsonNode> GetAsync(string resource, string path)
    {
        using var client = new HttpClient();
        return (await client.GetFromJsonAsync<JsonNode>(new Uri(UrlOf(resource), path)))!;
    }

    public async Task<JsonNode> PostAsync(string resource, string path, JsonNode body)
    {
        using var client = new HttpClient();
        using var response = await client.PostAsJsonAsync(new Uri(UrlOf(resource), path), body);
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _appHost.DisposeAsync();
    }

    private async Task EveryPartIsUpAsync()
    {
        using var client = new HttpClient();
        foreach (var (_, url, _) in _appHost.Resources)
        {
            await Eventually.TrueAsync(async () => await AnswersAsync(client, new Uri(url, "/health")), $"{url} is healthy");
        }
    }

    private static async Task<bool> AnswersAsync(HttpClient client, Uri url)
    {
        try
        {
            using var response = await client.GetAsync(url);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}

/// <summary>What came back for a request.</summary>
internal sealed record Answer(int Status, string? Endpoint, string? RequestId, JsonNode? Body)
{
    public int CachedTokens => (int?)Body?["usage"]?["prompt_tokens_details"]?["cached_tokens"] ?? 0;
}
