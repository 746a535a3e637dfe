using System.Net.Http.Json;
using System.Net.Sockets;
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
        var appHost = AppHostProcess.Start(underDotnetRun: false, aspireDashboard: false, environment, options);
        try
        {
            var stack = new RunningStack(appHost, await appHost.ReadyAsync());
            await stack.HealthyAsync();
            return stack;
        }
        catch
        {
            await appHost.DisposeAsync();
            throw;
        }
    }

    public IReadOnlyList<(string Name, Uri Url, int Pid)> Resources => _appHost.Resources;

    /// <summary>Everything the AppHost printed so far, the logs of the resources among it.</summary>
    public IReadOnlyList<string> Log => _appHost.Lines;

    public Uri UrlOf(string resource) => _appHost.Resources.Single(entry => entry.Name == resource).Url;

    public int PidOf(string resource) => _appHost.Resources.Single(entry => entry.Name == resource).Pid;

    /// <summary>Sends a completion request.</summary>
    /// <param name="prompt">Text, or token identifiers.</param>
    /// <param name="salt">Keeps the prompt's blocks apart from those of other salts.</param>
    public async Task<Answer> CompleteAsync(JsonNode prompt, int maxTokens = 4, string? salt = null)
    {
        var body = Body(prompt, maxTokens);
        if (salt is not null)
        {
            body["cache_salt"] = salt;
        }

        using var response = await Client.PostAsJsonAsync("/v1/completions", body);
        var endpoint = response.Headers.TryGetValues("x-llmd-endpoint", out var values) ? values.Single() : null;
        var id = response.Headers.TryGetValues("x-request-id", out var ids) ? ids.Single() : null;
        return new Answer((int)response.StatusCode, endpoint, id, await response.Content.ReadFromJsonAsync<JsonNode>())
        {
            RetryAfter = response.Headers.RetryAfter?.ToString(),
        };
    }

    /// <summary>Begins a streamed completion request.</summary>
    /// <param name="prompt">Text, or token identifiers.</param>
    public StreamedAnswer Stream(JsonNode prompt, int maxTokens) => StreamedAnswer.Start(Client, Body(prompt, maxTokens));

    /// <summary>What the index says: tokens of the prompt that each endpoint holds.</summary>
    public async Task<Dictionary<string, int>> ScoreAsync(JsonArray prompt)
    {
        var scores = await PostAsync("kv-indexer", "/v1/score", new JsonObject { ["model"] = Model, ["token_ids"] = prompt.DeepClone() });
        return scores["matches"]!.AsArray().ToDictionary(match => (string)match!["endpoint"]!, match => (int)match!["tokens"]!);
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

    /// <summary>Sum of a metric's series, 0 when there is none yet; null while the resource does not answer.</summary>
    public async Task<double?> FindMetricAsync(string resource, string name)
    {
        try
        {
            return await MetricAsync(resource, name);
        }
        catch (Exception away) when (away is HttpRequestException or SocketException)
        {
            return null;
        }
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

    /// <summary>Whether there is an answer, and a good one.</summary>
    public static async Task<bool> AnswersAsync(Uri url)
    {
        // A connection of its own: those that are open do not tell whether a new one is taken.
        using var client = new HttpClient();
        try
        {
            using var response = await client.GetAsync(url);
            return response.IsSuccessStatusCode;
        }
        catch (Exception away) when (away is HttpRequestException or SocketException)
        {
            // The latter, bare, where the connection is reset as soon as it is there.
            return false;
        }
    }

    /// <summary>Waits until every part is up.</summary>
    public async Task HealthyAsync()
    {
        foreach (var (name, url, _) in Resources)
        {
            await Eventually.TrueAsync(() => AnswersAsync(new Uri(url, "/health")), $"{name} is healthy");
        }
    }

    /// <summary>Waits until the picker sees so many engines, and the index follows as many.</summary>
    public async Task KnowsEnginesAsync(int count)
    {
        await Eventually.TrueAsync(async () => await FindMetricAsync("epp", "llm_d_epp_ready_endpoints") == count, $"the picker sees {count} engines");
        await Eventually.TrueAsync(
            async () => (await GetAsync("kv-indexer", "/v1/endpoints")).AsArray().Count(endpoint => (bool)endpoint!["connected"]!) == count,
            $"the index follows {count} engines");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _appHost.DisposeAsync();
    }

    private static JsonObject Body(JsonNode prompt, int maxTokens) =>
        new() { ["model"] = Model, ["prompt"] = prompt.DeepClone(), ["max_tokens"] = maxTokens, ["ignore_eos"] = true };
}

/// <summary>What came back for a request.</summary>
internal sealed record Answer(int Status, string? Endpoint, string? RequestId, JsonNode? Body)
{
    public string? RetryAfter { get; init; }

    public int CachedTokens => (int?)Body?["usage"]?["prompt_tokens_details"]?["cached_tokens"] ?? 0;
}
