using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using LlmdAspire.KvIndexer.Subscriptions;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Tests.Shared;
using Microsoft.Extensions.DependencyInjection;

namespace LlmdAspire.KvIndexer.Tests.Peers;

/// <summary>A KvIndexer on a real socket in this process, and its API as tests use it.</summary>
internal sealed class RunningIndexer : IAsyncDisposable
{
    public const string Model = "test-model";

    private readonly RunningService _service;

    private RunningIndexer(RunningService service)
    {
        _service = service;
        Http = new HttpClient { BaseAddress = service.Url };
    }

    public HttpClient Http { get; }

    public Uri Url => _service.Url;

    /// <summary>Addresses of <c>--bind</c> with their real ports.</summary>
    public IReadOnlyList<string> Bound => _service.Services.GetRequiredService<EventLines>().Bound;

    public static async Task<RunningIndexer> StartAsync(params string[] args) =>
        new(await new KvIndexerService().StartAsync(["--port", "0", "--log-level", "error", .. args]));

    /// <summary>Follows one engine whose model is <see cref="Model"/>.</summary>
    public static Task<RunningIndexer> FollowAsync(EventPublisher publisher, string url = "http://127.0.0.1:1", params string[] args) =>
        StartAsync(["--engine", $"{url},events={publisher.Events}{(publisher.Replay.Length > 0 ? ",replay=" + publisher.Replay : "")},model={Model}", .. args]);

    public async Task<JsonElement> PostAsync(string path, object body, int status = 200)
    {
        using var response = await Http.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{path} answered {(int)response.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    public async Task<JsonElement> GetAsync(string path) => JsonDocument.Parse(await Http.GetStringAsync(path)).RootElement;

    /// <summary>Endpoints and their blocks for a prompt, in the order of the answer: <c>http://a=3 http://b=1</c>.</summary>
    public async Task<string> MatchesAsync(int[] tokens, string? lora = null, string? salt = null, string model = Model) =>
        Matches(await PostAsync("/v1/score", new { model, token_ids = tokens, lora, cache_salt = salt }));

    public static string Matches(JsonElement answer) => string.Join(' ', answer.GetProperty("matches").EnumerateArray()
        .Select(match => $"{match.GetProperty("endpoint").GetString()}={match.GetProperty("blocks").GetInt32()}"));

    /// <summary>Waits until a prompt matches as expected.</summary>
    public async Task MatchesEventuallyAsync(string expected, int[] tokens)
    {
        var last = "";
        try
        {
            await Eventually.TrueAsync(async () => (last = await MatchesAsync(tokens)) == expected);
        }
        catch (TimeoutException)
        {
            Assert.Equal(expected, last);
        }
    }

    public async Task<JsonElement> EndpointAsync(string name = "http://127.0.0.1:1") =>
        (await GetAsync("/v1/endpoints")).EnumerateArray().First(endpoint => endpoint.GetProperty("endpoint").GetString() == name);

    /// <summary>Waits until an endpoint's last batch is this one.</summary>
    public Task SequenceAsync(long sequence, string name = "http://127.0.0.1:1") => Eventually.TrueAsync(async () =>
        (await GetAsync("/v1/endpoints")).EnumerateArray().Any(endpoint => endpoint.GetProperty("endpoint").GetString() == name
            && endpoint.GetProperty("sequence") is { ValueKind: JsonValueKind.Number } last && last.GetInt64() == sequence), $"sequence {sequence} of {name}");

    public Task ConnectedAsync(string name = "http://127.0.0.1:1") => Eventually.TrueAsync(async () =>
        (await EndpointAsync(name)).GetProperty("connected").GetBoolean());

    public Task<HttpResponseMessage> PostTextAsync(string path, string body) =>
        Http.PostAsync(new Uri(Url, path), new StringContent(body, Encoding.UTF8, "application/json"));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _service.DisposeAsync();
    }
}
