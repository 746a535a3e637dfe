using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>Engines that die, stall or are left by their clients.</summary>
[Collection(nameof(FaultFixture))]
public sealed class EngineFaultTests(FaultFixture faulty)
{
    [Fact]
    public async Task EngineThatDiesMidStream_EndsItsStreamsWithOneErrorEvent_AndTheOthersGoOn()
    {
        var stack = await faulty.WholeAsync();
        var victim = stack.UrlOf("decode-0").GetLeftPart(UriPartial.Authority);
        await faulty.HoldAsync();
        var streams = Enumerable.Range(0, 12).Select(i => stack.Stream(Prompts.Tokens(seed: 100 + i, count: 300), maxTokens: 400)).ToList();
        await Task.WhenAll(streams.Select(stream => stream.Begun)).WaitAsync(Eventually.Timeout);

        Signal.KillTree(stack.PidOf("decode-0"));
        await faulty.ReleaseAsync("decode-1");
        var ends = await Task.WhenAll(streams.Select(stream => stream.Ended)).WaitAsync(Eventually.Timeout);

        Assert.All(ends, end => Assert.Equal(200, end.Status));
        var broken = ends.Where(end => end.Endpoint == victim).ToList();
        Assert.InRange(broken.Count, 1, streams.Count - 1);
        Assert.All(broken, end => Assert.Equal(502, (int?)Assert.Single(end.Errors)["code"]));
        Assert.All(broken, end => Assert.Contains("\"error\"", end.Events[^1], StringComparison.Ordinal));
        Assert.DoesNotContain(broken, end => end.IsDone);
        Assert.All(ends.Except(broken), end => Assert.True(end is { IsDone: true, Errors: [] }));
        await faulty.IdleAsync();
    }

    [Fact]
    public async Task PrefillEnginesThatDieUnderLoad_NeverChangeAnAnswer()
    {
        var stack = await faulty.WholeAsync();
        var prompts = Enumerable.Range(0, 10).Select(i => Prompts.Tokens(seed: 200 + i, count: 600)).ToList();
        // A salt of its own keeps a run from finding the blocks of the one before; the text does not depend on it.
        var expected = await TextsAsync(stack, prompts, "undisturbed");

        var load = Enumerable.Range(0, 4).Select(round => TextsAsync(stack, prompts, $"round {round}")).ToList();
        Signal.KillTree(stack.PidOf("prefill-0"));
        Signal.KillTree(stack.PidOf("prefill-1"));
        var texts = await Task.WhenAll(load).WaitAsync(Eventually.Timeout);

        Assert.All(expected, text => Assert.NotEmpty(text));
        Assert.All(texts, round => Assert.Equal(expected, round));
        await faulty.IdleAsync();
    }

    [Fact]
    public async Task EngineThatStartsAnew_HoldsNothingInTheIndex()
    {
        var stack = await faulty.WholeAsync();
        var prompt = Prompts.Tokens(seed: 300, count: 2000);
        var endpoint = (await stack.CompleteAsync(prompt)).Endpoint!;
        await Eventually.TrueAsync(async () => (await stack.ScoreAsync(prompt)).GetValueOrDefault(endpoint) == 2000, "the index knows the prompt");
        var engine = stack.Resources.Single(resource => resource.Url.GetLeftPart(UriPartial.Authority) == endpoint);

        Signal.KillTree(engine.Pid);

        await Eventually.TrueAsync(() => stack.PidOf(engine.Name) != engine.Pid, "the engine is started again");
        await Eventually.TrueAsync(async () => !(await stack.ScoreAsync(prompt)).ContainsKey(endpoint), "the index has forgotten what the engine held");
        var again = await stack.CompleteAsync(prompt);
        Assert.Equal((200, 0), (again.Status, again.CachedTokens));
    }

    [Fact]
    public async Task EveryEngineDead_Is503WithRetryAfter_UntilTheyAreBack()
    {
        var stack = await faulty.WholeAsync();
        var engines = stack.Resources.Where(resource => resource.Name.StartsWith("prefill-", StringComparison.Ordinal) || resource.Name.StartsWith("decode-", StringComparison.Ordinal)).ToList();
        await faulty.HoldAsync();
        var waiting = Enumerable.Range(0, 8).Select(i => stack.CompleteAsync(Prompts.Tokens(seed: 400 + i, count: 40), maxTokens: 250)).ToList();
        await Eventually.TrueAsync(async () => await stack.FindMetricAsync("router", "vllm_router_running_requests") >= 1, "requests are with the engines");

        engines.ForEach(engine => Signal.KillTree(engine.Pid));
        var answers = new List<Answer> { await stack.CompleteAsync("Is anybody there?") };
        var cutOff = await Task.WhenAll(waiting).WaitAsync(Eventually.Timeout);
        await Eventually.TrueAsync(
            async () =>
            {
                answers.Add(await stack.CompleteAsync("Are you back?"));
                return answers[^1].Status == 200;
            },
            "an engine serves again");

        // 429 is the picker's word, as llm-d's, for a moment in which prefill engines are back and no decode engine is.
        Assert.All(answers, answer => Assert.True(answer is { Status: 200 } or { Status: 503 or 429, RetryAfter: not null }, $"{answer.Status} {answer.Body}"));
        // 502: an engine had it when it died.
        Assert.All(cutOff, answer => Assert.True(answer is { Status: 200 or 502 } or { Status: 503 or 429, RetryAfter: not null }, $"{answer.Status} {answer.Body}"));
        Assert.All(answers.Concat(cutOff).Where(answer => answer.Status != 200), answer => Assert.Equal(answer.Status, (int?)answer.Body?["error"]?["code"]));
        Assert.Contains(answers, answer => answer.Status == 503);
    }

    [Fact]
    public async Task ClientThatLeavesMidStream_LeavesNothingBehind()
    {
        var stack = await faulty.WholeAsync();
        await faulty.HoldAsync();
        using var stream = stack.Stream(Prompts.Tokens(seed: 500, count: 2000), maxTokens: 5000);
        await stream.Begun;
        Assert.True(await stack.FindMetricAsync("epp", "llm_d_epp_inflight_requests") > 0);

        stream.Leave();

        Assert.Equal(0, (await stream.Ended).Status);
        await faulty.IdleAsync();
    }

    [Fact]
    public async Task ClientThatLeavesDuringThePrefillLeg_LeavesNothingBehind()
    {
        var stack = await faulty.WholeAsync();
        const string Latency = "time-to-first-token";
        string[] prefills = ["prefill-0", "prefill-1"];
        var usual = (string)(await stack.GetAsync(prefills[0], "/admin/config"))[Latency]!;
        await SetAsync("1h");

        try
        {
            using var stream = stack.Stream(Prompts.Tokens(seed: 501, count: 2000), maxTokens: 5000);
            await Eventually.TrueAsync(async () => (await Task.WhenAll(prefills.Select(engine => stack.FindMetricAsync(engine, "vllm:num_requests_running")))).Sum() == 1, "the prefill leg runs");

            stream.Leave();

            Assert.Equal(0, (await stream.Ended).Status);
            await faulty.IdleAsync();
        }
        finally
        {
            await SetAsync(usual);
        }

        Task SetAsync(string latency) => Task.WhenAll(prefills.Select(engine => stack.PostAsync(engine, "/admin/config", new JsonObject { [Latency] = latency })));
    }

    private static async Task<string[]> TextsAsync(RunningStack stack, IEnumerable<JsonArray> prompts, string salt)
    {
        var answers = await Task.WhenAll(prompts.Select(prompt => stack.CompleteAsync(prompt, maxTokens: 24, salt)));
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        return [.. answers.Select(answer => (string)answer.Body!["choices"]![0]!["text"]!)];
    }
}
