using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LlmdAspire.Router.Authentication;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Router.Tests;

public sealed class ClientKeyTests
{
    private static readonly Uri[] s_urls = [new("http://validator/")];

    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData("Valid", 60)]
    [InlineData("Invalid", 30)]
    [InlineData("Unknown", 1)]
    public async Task Verdict_IsKeptForAWhile(string answer, int seconds)
    {
        var asked = 0;
        var verdict = Enum.Parse<KeyVerdict>(answer);
        var keys = new ClientKeys((_, _) => Task.FromResult(Interlocked.Increment(ref asked) > 0 ? verdict : default), _time) { Urls = s_urls };

        Assert.Equal(verdict, await keys.CheckAsync("k"));
        _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(verdict, await keys.CheckAsync("k"));
        Assert.Equal(1, asked);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(verdict, await keys.CheckAsync("k"));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task RequestsWithTheSameNewKey_AskOnce()
    {
        var asked = 0;
        var answer = new TaskCompletionSource<KeyVerdict>();
        var keys = new ClientKeys((_, _) => { asked++; return answer.Task; }, _time) { Urls = s_urls };

        var checks = Enumerable.Range(0, 5).Select(_ => keys.CheckAsync("k").AsTask()).ToArray();
        answer.SetResult(KeyVerdict.Valid);

        Assert.All(await Task.WhenAll(checks), verdict => Assert.Equal(KeyVerdict.Valid, verdict));
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task Keys_AreBounded_AndForgottenWithNewServers()
    {
        var keys = new ClientKeys((_, _) => Task.FromResult(KeyVerdict.Invalid), _time) { Urls = s_urls };
        for (var i = 0; i < ClientKeys.MaxKeys + 10; i++)
        {
            _ = await keys.CheckAsync($"k{i}");
        }

        Assert.InRange(keys.Count, 1, ClientKeys.MaxKeys);
        keys.Urls = [new("http://other/")];
        Assert.Equal(0, keys.Count);
    }

    [Fact]
    public async Task EveryPathButProbesAndMetrics_NeedsAValidKey()
    {
        await using var first = await ValidatorAsync("good");
        await using var second = await ValidatorAsync("also-good");
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync([engine.Url], "--api-key-validation-urls", $"{first.Url}/check,{second.Url}/check", "--admin-key", "operator");

        foreach (var path in new[] { "/health", "/readiness", "/liveness", "/alive", "/metrics" })
        {
            Assert.Equal(HttpStatusCode.OK, (await router.Client.GetAsync(path)).StatusCode);
        }

        foreach (var path in new[] { "/v1/models", "/workers", "/version", "/anything" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await router.Client.GetAsync(path)).StatusCode);
        }

        var none = await AskAsync(router, null);
        var bad = await AskAsync(router, "bad");
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (none.StatusCode, bad.StatusCode));
        Assert.Equal("Bearer", bad.Headers.WwwAuthenticate.Single().Scheme);
        var error = JsonDocument.Parse(await bad.Content.ReadAsStringAsync()).RootElement.GetProperty("error");
        Assert.Equal((401, "AuthenticationError"), (error.GetProperty("code").GetInt32(), error.GetProperty("type").GetString()));
        Assert.Empty(engine.Received);

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(router, "good")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(router, "also-good")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(router, "good")).StatusCode);
        Assert.Equal(["Bearer good", "Bearer also-good", "Bearer good"], engine.Received.Select(request => request.Headers["Authorization"]));
        Assert.Equal(3, first.Received.Count);
        using var operators = new HttpRequestMessage(HttpMethod.Get, "/workers") { Headers = { Authorization = new("Bearer", "operator") } };
        Assert.Equal(HttpStatusCode.OK, (await router.Client.SendAsync(operators)).StatusCode);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(0)]
    public async Task ValidatorThatIsAway_Is503WithRetryAfter(int status)
    {
        await using var no = await ValidatorAsync("good");
        var away = await ScriptedEngine.StartAsync((context, _) =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        if (status == 0)
        {
            await away.DisposeAsync();
        }

        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync([engine.Url], "--api-key-validation-urls", no.Url, away.Url);

        var unknown = await AskAsync(router, "other");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, unknown.StatusCode);
        Assert.True(unknown.Headers.Contains("Retry-After"));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(router, "good")).StatusCode);
        await away.DisposeAsync();
    }

    private static Task<ScriptedEngine> ValidatorAsync(string key) => ScriptedEngine.StartAsync((context, request) =>
    {
        context.Response.StatusCode = request.Method == "GET" && request.Headers["Authorization"] == $"Bearer {key}" ? 200 : 401;
        return Task.CompletedTask;
    });

    private static async Task<HttpResponseMessage> AskAsync(RunningRouter router, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
        {
            Content = new StringContent("""{"model":"test-model","prompt":"hi"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return await router.Client.SendAsync(request);
    }
}
