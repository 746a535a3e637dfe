using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Requests;
using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Tests;

public sealed class DecisionTests
{
    [Theory]
    [InlineData(1, 0.5, 50)]
    [InlineData(2, 0.5, 75)]
    [InlineData(3, 0.5, 112.5)]
    [InlineData(1, 0, 40)]
    [InlineData(1, 1, 60)]
    [InlineData(100, 0.5, 30000)]
    public void Backoff_GrowsVariesAndStopsAtItsCeiling(int attempt, double random, double milliseconds) =>
        Assert.Equal(milliseconds, new RetryOptions().BackoffAfter(attempt, random).TotalMilliseconds, 3);

    [Fact]
    public void Verdict_FirstProbeDecidesThenSeveralAreNeeded()
    {
        var verdict = new HealthVerdict();
        var options = new HealthOptions { FailureThreshold = 3, SuccessThreshold = 2 };
        bool[] probes = [true, false, false, true, false, false, false, true, true];

        var verdicts = probes.Select(healthy => verdict.Record(healthy, options)).ToArray();

        const WorkerHealth Good = WorkerHealth.Healthy;
        const WorkerHealth Bad = WorkerHealth.Unhealthy;
        Assert.Equal([Good, Good, Good, Good, Good, Good, Bad, Bad, Good], verdicts);
        Assert.Equal(Bad, new HealthVerdict().Record(healthy: false, options));
    }

    [Fact]
    public void Ring_KeepsTheLatestNewestFirst()
    {
        var ring = new Ring<string>(3);
        Assert.Empty(ring.Newest());

        foreach (var item in new[] { "a", "b", "c", "d" })
        {
            ring.Add(item);
        }

        Assert.Equal(["d", "c", "b"], ring.Newest());
    }

    [Fact]
    public void Tail_FindsUsageHoweverTheAnswerIsCut()
    {
        var random = new Random(7);
        var answer = System.Text.Encoding.UTF8.GetBytes(
            string.Concat(Enumerable.Repeat("data: {\"text\":\"token\"}\n\n", 500)) + "data: {\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":500}}\n\ndata: [DONE]\n\n");
        for (var round = 0; round < 200; round++)
        {
            var tail = new AnswerTail();
            for (var at = 0; at < answer.Length;)
            {
                var count = Math.Min(answer.Length - at, 1 + random.Next(round % 2 == 0 ? 40 : 4000));
                tail.Add(answer.AsSpan(at, count));
                at += count;
            }

            Assert.Equal((9, 500), (tail.FindUsage()!.Value.PromptTokens, tail.FindUsage()!.Value.CompletionTokens));
            Assert.True(tail.SawDone && tail.EndsEvent);
        }
    }
}
