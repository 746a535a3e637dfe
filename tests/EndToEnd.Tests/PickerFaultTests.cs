using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>A picker or an index that is late or away.</summary>
[Collection(nameof(FaultFixture))]
public sealed class PickerFaultTests(FaultFixture faulty)
{
    [Fact]
    public async Task PickerThatIsLate_FailsOpenToADecodeEngine_AndIsAskedAgain()
    {
        var stack = await faulty.WholeAsync();
        var pid = stack.PidOf("epp");
        string[] decoders = [.. new[] { "decode-0", "decode-1" }.Select(name => stack.UrlOf(name).GetLeftPart(UriPartial.Authority))];
        Signal.Pause(pid);
        try
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => stack.CompleteAsync(Prompts.Tokens(seed: 600 + i, count: 40)))).WaitAsync(Eventually.Timeout);

            foreach (var answer in answers)
            {
                Assert.Equal(200, answer.Status);
                Assert.Contains(answer.Endpoint, decoders);
                var why = (string)(await stack.GetAsync("router", $"/explain/{answer.RequestId}"))["reason"]!;
                Assert.Contains("the endpoint picker gave no answer", why, StringComparison.Ordinal);
                Assert.Contains("among the workers that decode", why, StringComparison.Ordinal);
            }
        }
        finally
        {
            Signal.Resume(pid);
        }

        await Eventually.TrueAsync(
            async () =>
            {
                var answer = await stack.CompleteAsync("Hello again");
                return ((string)(await stack.GetAsync("router", $"/explain/{answer.RequestId}"))["reason"]!).Contains("chosen by the endpoint picker", StringComparison.Ordinal);
            },
            "the picker decides again");
    }

    [Fact]
    public async Task PickerThatIsAwayWithFailClose_Is503UntilItIsBack()
    {
        await using var stack = await RunningStack.StartAsync(new Dictionary<string, string> { ["LLMD_ROUTER_EPP_FAILURE_MODE"] = "close", ["LLMD_ROUTER_EPP_TIMEOUT"] = "1s" });
        var pid = stack.PidOf("epp");

        // Late first, so that the answers are not those of a port on which nobody listens; then away.
        Signal.Pause(pid);
        var late = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => stack.CompleteAsync("Hello"))).WaitAsync(Eventually.Timeout);
        Signal.KillTree(pid);
        var away = await stack.CompleteAsync("Hello");

        Assert.All([.. late, away], answer => Assert.True(answer is { Status: 503, RetryAfter: not null }, $"{answer.Status} {answer.Body}"));
        Assert.All([.. late, away], answer => Assert.Equal(503, (int?)answer.Body?["error"]?["code"]));
        await Eventually.TrueAsync(async () => (await stack.CompleteAsync("Hello")).Status == 200, "the picker is back and decides");
    }

    [Fact]
    public async Task IndexThatIsLate_IsReplacedByWhatThePickerSaw_AndCounted()
    {
        var stack = await faulty.WholeAsync();
        var prompt = Prompts.Tokens(seed: 700, count: 2000);
        var first = await stack.CompleteAsync(prompt);
        var fallbacks = await stack.FindMetricAsync("epp", "llmd_epp_indexer_fallback_total") ?? 0;
        var pid = stack.PidOf("kv-indexer");
        Signal.Pause(pid);
        try
        {
            var second = await stack.CompleteAsync(prompt);

            Assert.Equal((200, first.Endpoint), (second.Status, second.Endpoint));
            Assert.Equal(1984, second.CachedTokens);
            Assert.True(await stack.FindMetricAsync("epp", "llmd_epp_indexer_fallback_total") > fallbacks);
        }
        finally
        {
            Signal.Resume(pid);
        }

        await Eventually.TrueAsync(
            async () =>
            {
                var before = await stack.FindMetricAsync("epp", "llmd_epp_indexer_fallback_total");
                _ = await stack.CompleteAsync(prompt);
                return await stack.FindMetricAsync("epp", "llmd_epp_indexer_fallback_total") == before;
            },
            "the index is asked again");
    }

    [Fact]
    public async Task IndexThatStartsAnew_LearnsByReplayWhatEnginesHold()
    {
        var stack = await faulty.WholeAsync();
        var prompt = Prompts.Tokens(seed: 701, count: 2000);
        var endpoint = (await stack.CompleteAsync(prompt)).Endpoint!;
        var pid = stack.PidOf("kv-indexer");

        Signal.KillTree(pid);

        await Eventually.TrueAsync(() => stack.PidOf("kv-indexer") != pid, "the index is started again");
        await Eventually.TrueAsync(
            async () => await RunningStack.AnswersAsync(new Uri(stack.UrlOf("kv-indexer"), "/health")) && (await stack.ScoreAsync(prompt)).GetValueOrDefault(endpoint) == 2000,
            "the index knows the prompt again");
    }
}
