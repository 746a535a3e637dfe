using System.Net;
using System.Text.Json.Nodes;

namespace LlmdAspire.Simulator.Tests;

public sealed class ErrorTests : IAsyncLifetime
{
    private RunningSimulator _simulator = null!;

    public async ValueTask InitializeAsync() => _simulator = await RunningSimulator.StartAsync("--max-model-len", "100");

    public ValueTask DisposeAsync() => _simulator.DisposeAsync();

    [Theory]
    [InlineData("{bad", 400, "Bad Request", null)]
    [InlineData("", 400, "Bad Request", null)]
    [InlineData("[]", 400, "Bad Request", null)]
    [InlineData("""{"model":"x","prompt":"a"}""", 404, "NotFoundError", "model")]
    [InlineData("""{"prompt":"a","max_tokens":"ten"}""", 400, "Bad Request", "max_tokens")]
    [InlineData("""{"prompt":"a","max_tokens":1.5}""", 400, "Bad Request", "max_tokens")]
    [InlineData("""{"prompt":"a","max_tokens":0}""", 400, "BadRequestError", "max_tokens")]
    [InlineData("""{"prompt":"a","n":0}""", 400, "BadRequestError", "n")]
    [InlineData("""{"prompt":"a","stream":"yes"}""", 400, "Bad Request", "stream")]
    [InlineData("""{"prompt":"a","temperature":-1}""", 400, "BadRequestError", "temperature")]
    [InlineData("""{"prompt":"a","stream_options":{"include_usage":true}}""", 400, "BadRequestError", "stream_options")]
    [InlineData("""{"prompt":"a","stream":true,"stream_options":{"include_usage":1}}""", 400, "Bad Request", "stream_options.include_usage")]
    [InlineData("""{"prompt":5}""", 400, "Bad Request", "prompt")]
    [InlineData("""{"prompt":[[1],"a",{}]}""", 400, "Bad Request", "prompt")]
    [InlineData("""{"prompt":[128256]}""", 400, "BadRequestError", "prompt")]
    [InlineData("""{"prompt":"\ud800"}""", 400, "Bad Request", "prompt")]
    [InlineData("""{}""", 400, "BadRequestError", "prompt")]
    [InlineData("""{"prompt":"a","max_tokens":100}""", 400, "BadRequestError", "input_tokens")]
    public async Task Completions_WrongRequest_GetsVllmsError(string body, int status, string type, string? param)
    {
        using var response = await _simulator.PostAsync("/v1/completions", body);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var error = Assert.Single(answer).Value!;
        Assert.Equal(["message", "type", "param", "code"], error.AsObject().Select(pair => pair.Key));
        Assert.Equal((type, param, status), ((string?)error["type"], (string?)error["param"], (int?)error["code"]));
    }

    [Theory]
    [InlineData("""{"messages":"hi"}""", "messages")]
    [InlineData("""{}""", "messages")]
    [InlineData("""{"messages":[]}""", "messages")]
    [InlineData("""{"messages":[{"content":"a"}]}""", "messages.0.role")]
    [InlineData("""{"messages":[{"role":"user","content":3}]}""", "messages.0.content")]
    public async Task Chat_WrongMessages_AreNamed(string body, string param)
    {
        using var response = await _simulator.PostAsync("/v1/chat/completions", body);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(param, (string?)error["param"]);
    }

    [Fact]
    public async Task Model_Unknown_IsToldInVllmsWords()
    {
        var error = (await _simulator.AskAsync("/v1/completions", """{"model":"x","prompt":"a"}"""))["error"]!;

        Assert.Equal("The model `x` does not exist.", (string?)error["message"]);
    }

    [Fact]
    public async Task ContentType_OtherThanJson_IsRefused()
    {
        using var response = await _simulator.PostAsync("/v1/completions", """{"prompt":"a"}""", "text/plain");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/nothing", 404, """{"detail":"Not Found"}""")]
    [InlineData("GET", "/v1/completions", 405, """{"detail":"Method Not Allowed"}""")]
    public async Task Path_Unknown_IsAnsweredAsTheFrameworkDoes(string method, string path, int status, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await _simulator.Client.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Body_TooLarge_Gets413()
    {
        await using var small = await RunningSimulator.StartAsync("--max-request-body-size-mb", "1");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
        {
            Content = new StringContent($$"""{"prompt":"{{new string('a', 1_100_000)}}"}"""),
        };
        request.Content.Headers.ContentType = new("application/json");
        // So that the server can refuse before the body is on its way.
        request.Headers.ExpectContinue = true;
        using var response = await small.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal(413, (int?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!["code"]);
    }

    [Fact]
    public async Task Prompt_OfHundredTwentyEightThousandTokens_IsTaken()
    {
        await using var large = await RunningSimulator.StartAsync();
        var ids = string.Join(',', Enumerable.Repeat(128255, 131071));
        var answer = await large.AskAsync("/v1/completions", $$"""{"prompt":[{{ids}}],"max_tokens":1}""");

        Assert.Equal(131071, (int?)answer["usage"]!["prompt_tokens"]);
    }

    [Theory]
    [InlineData("/v1/completions", """{"model":null,"prompt":["a",[1,2]],"max_tokens":2,"n":1,"stop":["x"],"stream_options":{"include_usage":true},"seed":1}""")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":[{"type":"text","text":"a"}]}],"max_tokens":2,"tools":[{}],"stop_token_ids":[1]}""")]
    [InlineData("/tokenize", """{"prompt":"a","messages":[{"role":"user","content":null,"tool_calls":[]}],"add_generation_prompt":true}""")]
    [InlineData("/detokenize", """{"tokens":[1,2,128255],"model":"x"}""")]
    public async Task Body_DamagedAnywhere_IsAnsweredAndNothingBreaks(string path, string body)
    {
        const string Pieces = "{}[]\",:0-e.\\nulltrue\u0000ü";
        var random = new Random(4);
        for (var round = 0; round < 150; round++)
        {
            var damaged = body.ToCharArray();
            for (var hit = random.Next(1, 4); hit > 0; hit--)
            {
                damaged[random.Next(damaged.Length)] = Pieces[random.Next(Pieces.Length)];
            }

            using var response = await _simulator.PostAsync(path, new string(damaged));
            Assert.Contains((int)response.StatusCode, new[] { 200, 400, 404 });
        }
    }

    [Fact]
    public async Task ApiKey_GuardsV1AndNothingElse()
    {
        await using var guarded = await RunningSimulator.StartAsync("--api-key", "secret");
        using var refused = await guarded.Client.GetAsync("/v1/models");
        using var open = await guarded.PostAsync("/tokenize", """{"prompt":"a"}""");
        guarded.Client.DefaultRequestHeaders.Authorization = new("Bearer", "secret");
        using var allowed = await guarded.Client.GetAsync("/v1/models");

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("""{"error":"Unauthorized"}""", await refused.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, open.StatusCode);
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
    }

    [Fact]
    public async Task Rank_OutOfRange_IsRefused_AndOneThatIsNoNumberIgnored()
    {
        _simulator.Client.DefaultRequestHeaders.Add("X-data-parallel-rank", "1");
        using var refused = await _simulator.PostAsync("/v1/completions", """{"prompt":"a"}""");
        _ = _simulator.Client.DefaultRequestHeaders.Remove("X-data-parallel-rank");
        _simulator.Client.DefaultRequestHeaders.Add("X-data-parallel-rank", "first");
        using var ignored = await _simulator.PostAsync("/v1/completions", """{"prompt":"a"}""");

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, ignored.StatusCode);
    }
}
