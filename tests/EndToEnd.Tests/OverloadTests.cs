using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>Too many requests, bad ones, and a router that is told to stop.</summary>
[Collection(nameof(FaultFixture))]
public sealed class OverloadTests(FaultFixture faulty)
{
    private const long SpareBytes = 64 << 20;

    [Fact]
    public async Task MoreThanTheQueueHolds_Is429WithRetryAfter_AndMemoryStaysFlat()
    {
        var stack = await faulty.WholeAsync();
        _ = await FloodAsync(faulty, maxTokens: 8);
        var before = ProcessView.ResidentBytes(stack.PidOf("router"));

        for (var round = 0; round < 2; round++)
        {
            var ends = await FloodAsync(faulty, maxTokens: 150);

            Assert.All(ends, end => Assert.Contains(end.Status, new[] { 200, 429 }));
            Assert.All(ends.Where(end => end.Status == 200), end => Assert.True(end is { IsDone: true, Errors: [] }));
            Assert.All(ends.Where(end => end.Status == 429), end => Assert.True(end.RetryAfter is not null && Assert.Single(end.Errors)["code"]!.GetValue<int>() == 429));
            Assert.InRange(ends.Count(end => end.Status == 200), FaultFixture.Admitted, ends.Length - 1);
        }

        await Eventually.TrueAsync(() => ProcessView.ResidentBytes(stack.PidOf("router")) - before <= SpareBytes, "the router's memory is what it was");
        await faulty.IdleAsync();
    }

    [Theory]
    [InlineData("""{"model":"Qwen/Qwen3-0.6B","prompt":""", 400)]
    [InlineData("""["not an object"]""", 400)]
    [InlineData("""{"model":7,"prompt":"x"}""", 400)]
    [InlineData("""{"model":"Qwen/Qwen3-0.6B","prompt":{"a":1}}""", 400)]
    [InlineData("""{"model":"Qwen/Qwen3-0.6B","prompt":"x","max_tokens":"many"}""", 400)]
    [InlineData("""{"model":"no-such-model","prompt":"x"}""", 404)]
    public async Task BadRequest_IsRefusedWithItsReason(string body, int status)
    {
        var stack = await faulty.WholeAsync();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await stack.Client.PostAsync("/v1/completions", content);

        var error = (await response.Content.ReadFromJsonAsync<JsonNode>())!["error"]!;
        Assert.Equal((status, status), ((int)response.StatusCode, (int)error["code"]!));
        Assert.NotEmpty((string)error["message"]!);
        await faulty.IdleAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HugeBody_Is413(bool chunked)
    {
        var stack = await faulty.WholeAsync();
        using var content = new StringContent(new string('x', FaultFixture.MaxBodyBytes + 1), Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = content };
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await stack.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal(413, (int?)(await response.Content.ReadFromJsonAsync<JsonNode>())!["error"]!["code"]);
        await faulty.IdleAsync();
    }

    [Fact]
    public async Task RouterThatIsToldToStop_FinishesWhatRuns_AndTakesNothingNew()
    {
        var stack = await faulty.WholeAsync();
        var pid = stack.PidOf("router");
        await faulty.HoldAsync();
        var streams = Enumerable.Range(0, 12).Select(i => stack.Stream(Prompts.Tokens(seed: 800 + i, count: 300), maxTokens: 500)).ToList();
        await Task.WhenAll(streams.Select(stream => stream.Begun)).WaitAsync(Eventually.Timeout);

        Signal.Terminate(pid);
        await Eventually.TrueAsync(async () => !await RunningStack.AnswersAsync(new Uri(stack.UrlOf("router"), "/alive")), "the router takes no new connection");
        Assert.Contains(streams, stream => !stream.Ended.IsCompleted);
        await faulty.ReleaseAsync("decode-0", "decode-1");
        var ends = await Task.WhenAll(streams.Select(stream => stream.Ended)).WaitAsync(Eventually.Timeout);

        Assert.All(ends, end => Assert.True(end is { Status: 200, IsDone: true, Errors: [] }, string.Join('\n', end.Events.TakeLast(2))));
        await Eventually.TrueAsync(() => stack.PidOf("router") != pid, "the router is started again");
        await Eventually.TrueAsync(() => RunningStack.AnswersAsync(new Uri(stack.UrlOf("router"), "/readiness")), "the router serves again");
    }

    private static async Task<StreamEnd[]> FloodAsync(FaultFixture faulty, int maxTokens)
    {
        // Held, the first thing that ends is a refusal: no answer makes room before there are more than the queue holds.
        await faulty.HoldAsync();
        var streams = Enumerable.Range(0, 3 * (FaultFixture.Admitted + FaultFixture.Queued)).Select(i => faulty.Stack.Stream($"Question {i}?", maxTokens)).ToList();
        _ = await Task.WhenAny(streams.Select(stream => stream.Ended)).WaitAsync(Eventually.Timeout);
        await faulty.ReleaseAsync("decode-0", "decode-1");
        return await Task.WhenAll(streams.Select(stream => stream.Ended)).WaitAsync(Eventually.Timeout);
    }
}
