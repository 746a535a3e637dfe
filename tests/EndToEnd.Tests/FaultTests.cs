using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>Parts die; clients do not notice.</summary>
[Collection(nameof(DefaultStackFixture))]
public sealed class FaultTests(DefaultStackFixture shared)
{
    [Fact]
    public async Task KillingOneEngineUnderLoad_FailsNoRequest_AndTheEngineIsUsedAgain()
    {
        var stack = await shared.WholeAsync();
        var (victim, pid) = (stack.UrlOf("decode-1").GetLeftPart(UriPartial.Authority), stack.PidOf("decode-1"));

        var load = Enumerable.Range(0, 50).Select(_ => GreetAsync(stack, times: 10)).ToList();
        Signal.KillTree(pid);
        var answers = (await Task.WhenAll(load).WaitAsync(Eventually.Timeout)).SelectMany(answer => answer).ToList();

        // Not streamed, so none had begun to answer the client when the engine died: every one must be answered.
        Assert.Equal(500, answers.Count);
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        await Eventually.TrueAsync(() => stack.PidOf("decode-1") is var next && next != pid && Signal.IsAlive(next), "the engine is started again");
        await Eventually.TrueAsync(async () => (await GreetAsync(stack, times: 4)).Any(answer => answer.Endpoint == victim), "the engine is used again");
    }

    [Fact]
    public async Task KillingEachPartInTurnUnderLoad_FailsNoRequest()
    {
        var stack = await shared.WholeAsync();
        foreach (var victim in new[] { "epp", "kv-indexer", "prefill-0", "decode-0" })
        {
            var pid = stack.PidOf(victim);

            var load = Enumerable.Range(0, 20).Select(client => PromptTwiceEachAsync(stack, client)).ToList();
            Signal.KillTree(pid);
            var answers = (await Task.WhenAll(load).WaitAsync(Eventually.Timeout)).SelectMany(all => all).ToList();

            Assert.All(answers, answer => Assert.True(answer.Status == 200, $"{answer.Status} without {victim}"));
            await Eventually.TrueAsync(() => stack.PidOf(victim) is var next && next != pid && Signal.IsAlive(next), $"{victim} is started again");
            await Eventually.TrueAsync(() => RunningStack.AnswersAsync(new Uri(stack.UrlOf(victim), "/health")), $"{victim} is healthy again");
            Assert.Equal(200, (await stack.CompleteAsync(Prompts.Tokens(seed: 9_999, count: 600))).Status);
        }
    }

    private static async Task<List<Answer>> GreetAsync(RunningStack stack, int times)
    {
        var answers = new List<Answer>();
        for (var i = 0; i < times; i++)
        {
            answers.Add(await stack.CompleteAsync($"Hello {Guid.NewGuid()}", maxTokens: 8));
        }

        return answers;
    }

    private static async Task<List<Answer>> PromptTwiceEachAsync(RunningStack stack, int client)
    {
        var answers = new List<Answer>();
        for (var i = 0; i < 10; i++)
        {
            answers.Add(await stack.CompleteAsync(Prompts.Tokens(seed: 10_000 + (client * 100) + (i / 2), count: 600)));
        }

        return answers;
    }
}
