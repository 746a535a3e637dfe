using System.Net;
using System.Net.Sockets;
using System.Text;
using LlmdAspire.KvIndexer.Tests.Peers;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.KvIndexer.Tests.Http;

/// <summary>The HTTP API over real sockets.</summary>
public sealed class ApiTests
{
    private const string Engine = "http://127.0.0.1:1";

    [Fact]
    public async Task Score_AnswersTheWholeStory()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 3));
        await indexer.MatchesEventuallyAsync($"{Engine}=3", Blocks.Tokens(1, 4));

        var answer = await indexer.PostAsync("/v1/score", new { model = RunningIndexer.Model, token_ids = Blocks.Tokens(1, 5)[..70] });

        Assert.Equal(
            """{"model":"test-model","block_size":16,"tokens":70,"blocks":4,"degraded":false,"matches":[{"endpoint":"http://127.0.0.1:1","blocks":3,"tokens":48,"tiers":{"gpu":3},"score":3}]}""",
            answer.GetRawText());
    }

    [Fact]
    public async Task Score_AskedForSomeEndpoints_NamesOnlyThose()
    {
        await using var indexer = await RunningIndexer.StartAsync("--bind", "tcp://127.0.0.1:0");
        await using var one = EventPublisher.Dial(indexer.Bound[0], $"kv@10.0.0.1:8000@{RunningIndexer.Model}");
        await one.SubscribedAsync();
        one.Publish(0, 100, batch => batch.Store(1, 0, 3), rank: 0);
        one.Publish(0, 100, batch => batch.Store(1, 0, 2), rank: 2);
        await indexer.MatchesEventuallyAsync("http://10.0.0.1:8000@0=3 http://10.0.0.1:8000@2=2", Blocks.Tokens(1, 3));

        async Task<string> Only(params string[] endpoints) => RunningIndexer.Matches(
            await indexer.PostAsync("/v1/score", new { model = RunningIndexer.Model, token_ids = Blocks.Tokens(1, 3), endpoints }));

        Assert.Equal("http://10.0.0.1:8000@2=2", await Only("http://10.0.0.1:8000@2"));
        Assert.Equal("http://10.0.0.1:8000@0=3 http://10.0.0.1:8000@2=2", await Only("10.0.0.1:8000"));
        Assert.Equal("", await Only("http://10.0.0.9:8000"));
    }

    [Theory]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("10.0.0.0/8", false)]
    public async Task Bind_TakesOnlyPublishersThatBindAllowNames(string network, bool greeted)
    {
        await using var indexer = await RunningIndexer.StartAsync("--bind", "tcp://127.0.0.1:0", "--bind-allow", network);
        using var publisher = new TcpClient();
        await publisher.ConnectAsync(IPEndPoint.Parse(indexer.Bound[0]["tcp://".Length..]));

        var heard = await Eventually.DoneAsync(publisher.GetStream().ReadAsync(new byte[1]).AsTask());

        Assert.Equal(greeted ? 1 : 0, heard);
    }

    [Theory]
    [InlineData("""{"model":"m"}""", "Exactly one of")]
    [InlineData("""{"token_ids":[1]}""", "model is missing")]
    [InlineData("""{"model":"m","token_ids":[1],"prompt":"x"}""", "Exactly one of")]
    [InlineData("""{"model":"m","token_ids":["a"]}""", "token_ids must be")]
    [InlineData("""{"model":"m","token_ids":[-1]}""", "token_ids must be")]
    [InlineData("""{"model":3,"token_ids":[1]}""", "model must be")]
    [InlineData("""{"model":"m","messages":"hello"}""", "messages must be")]
    [InlineData("""{"model":"m","token_ids":[1],"endpoints":["ftp://x"]}""", "endpoint 'ftp://x'")]
    [InlineData("""{"model":"m",""", "not valid JSON")]
    [InlineData("[1]", "must be a JSON object")]
    [InlineData("", "empty")]
    public async Task Score_OfAWrongBody_Is400InOpenAisShape(string body, string expected)
    {
        await using var indexer = await RunningIndexer.StartAsync();

        using var response = await indexer.PostTextAsync("/v1/score", body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var text = await response.Content.ReadAsStringAsync();
        Assert.StartsWith("""{"error":{"message":""", text);
        Assert.Contains(expected, text);
    }

    [Fact]
    public async Task Score_OfATooLargeBody_Is413()
    {
        await using var indexer = await RunningIndexer.StartAsync("--max-body-bytes", "2000");

        using var response = await indexer.PostTextAsync("/v1/score", $$"""{"model":"m","prompt":"{{new string('x', 3000)}}"}""");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("--max-body-bytes", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Delete_ForgetsAnEndpointThatStaysSubscribed()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 3));
        await indexer.MatchesEventuallyAsync($"{Engine}=3", Blocks.Tokens(1, 3));

        // One rank: "@0" is the same name.
        using var response = await indexer.Http.DeleteAsync($"/v1/endpoints/{Uri.EscapeDataString(Engine + "@0")}");
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("", await indexer.MatchesAsync(Blocks.Tokens(1, 3)));

        publisher.Publish(1, 101, batch => batch.Store(2, 0, 2));
        await indexer.MatchesEventuallyAsync($"{Engine}=2", Blocks.Tokens(2, 2));
        using var unknown = await indexer.Http.DeleteAsync("/v1/endpoints/http%3A%2F%2F10.9.9.9%3A1");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task AdminPaths_AreClosedToForeignOrigins()
    {
        await using var indexer = await RunningIndexer.StartAsync();
        foreach (var (method, path) in new[] { (HttpMethod.Delete, "/v1/endpoints/x"), (HttpMethod.Post, "/v1/speculate"), (HttpMethod.Post, "/v1/observe") })
        {
            using var request = new HttpRequestMessage(method, path) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
            request.Headers.Add("Origin", "http://elsewhere.example");
            using var response = await indexer.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }
    }

    [Fact]
    public async Task Speculate_CountsForAWhile()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);

        _ = await indexer.PostAsync("/v1/speculate", new { model = RunningIndexer.Model, token_ids = Blocks.Tokens(1, 3), endpoint = Engine, ttl_ms = 1500 }, 204);

        Assert.Equal($"{Engine}=3", await indexer.MatchesAsync(Blocks.Tokens(1, 3)));
        Assert.Equal(0, (await indexer.GetAsync("/v1/stats")).GetProperty("blocks").GetInt32());
        await indexer.MatchesEventuallyAsync("", Blocks.Tokens(1, 3));
        _ = await indexer.PostAsync("/v1/speculate", new { blocks = new[] { ulong.MaxValue }, endpoint = Engine, ttl_ms = 50 }, 204);
        _ = await indexer.PostAsync("/v1/speculate", new { blocks = new[] { 1 }, endpoint = "http://10.9.9.9:1" }, 404);
        _ = await indexer.PostAsync("/v1/speculate", new { blocks = new[] { "x" }, endpoint = Engine }, 400);
    }

    [Fact]
    public async Task Observe_ShowsPredictedAndActual()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);

        _ = await indexer.PostAsync("/v1/observe", new { request_id = "r1", endpoint = Engine, predicted_tokens = 64, actual_tokens = 48 }, 204);
        _ = await indexer.PostAsync("/v1/observe", new { request_id = "r1", endpoint = Engine, predicted_tokens = 64 }, 400);

        var metrics = await indexer.Http.GetStringAsync("/metrics");
        Assert.Contains($$"""llmd_kvindexer_predicted_tokens_total{endpoint="{{Engine}}"} 64""", metrics);
        Assert.Contains($$"""llmd_kvindexer_actual_tokens_total{endpoint="{{Engine}}"} 48""", metrics);
    }

    [Fact]
    public async Task Stats_StateTheBytesOfBlocksAndHandles()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 3000));
        await Eventually.TrueAsync(async () => (await indexer.GetAsync("/v1/stats")).GetProperty("blocks").GetInt32() == 3000);

        var stats = await indexer.GetAsync("/v1/stats");

        Assert.InRange(stats.GetProperty("bytes_per_block").GetDouble(), 16, 48);
        Assert.InRange(stats.GetProperty("handle_bytes").GetDouble() / 3000, 16, 24);
        Assert.Equal(1, stats.GetProperty("events").GetInt32());
    }

    [Fact]
    public async Task Metrics_LeaveNothingToSayForPromtool()
    {
        await using var publisher = EventPublisher.Bind();
        await using var indexer = await RunningIndexer.FollowAsync(publisher);
        await publisher.SubscribedAsync();
        publisher.Publish(0, 100, batch => batch.Store(1, 0, 3));
        await indexer.MatchesEventuallyAsync($"{Engine}=3", Blocks.Tokens(1, 3));

        if (Promtool.Missing is { } reason)
        {
            Assert.Skip(reason);
        }

        Assert.Null(await Promtool.FindObjectionAsync(await indexer.Http.GetStringAsync("/metrics")));
    }
}
