using System.Text;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>Engines die; clients do not notice.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task KillingOneEngineUnderLoad_FailsNoRequest_AndTheEngineComesBack()
    {
        await using var appHost = AppHostProcess.Start(underDotnetRun: false);
        var api = await appHost.ReadyAsync();
        using var client = new HttpClient { BaseAddress = new Uri(api.GetLeftPart(UriPartial.Authority)), Timeout = Eventually.Timeout };
        var victim = appHost.Resources.Single(resource => resource.Name == "engine-1");

        var requests = Enumerable.Range(0, 50).Select(_ => RepeatAsync(client, times: 10)).ToList();
        Signal.KillTree(victim.Pid);
        var answers = (await Task.WhenAll(requests).WaitAsync(Eventually.Timeout)).SelectMany(answer => answer).ToList();

        // Not streamed, so none had begun to answer the client when the engine died: every one must be answered.
        Assert.Equal(500, answers.Count);
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        await Eventually.TrueAsync(
            () => appHost.Resources.Single(resource => resource.Name == "engine-1").Pid is var pid && pid != victim.Pid && Signal.IsAlive(pid),
            "the engine is started again");
        await Eventually.TrueAsync(
            async () => (await RepeatAsync(client, times: 4)).Any(answer => answer.Endpoint == victim.Url.GetLeftPart(UriPartial.Authority)),
            "the engine is used again");
    }

    private static async Task<List<(int Status, string? Endpoint)>> RepeatAsync(HttpClient client, int times)
    {
        var answers = new List<(int, string?)>();
        for (var i = 0; i < times; i++)
        {
            using var content = new StringContent("""{"model":"Qwen/Qwen3-0.6B","prompt":"Hello","max_tokens":8}""", Encoding.UTF8, "application/json");
            using var response = await client.PostAsync("/v1/completions", content);
            answers.Add(((int)response.StatusCode, response.Headers.TryGetValues("x-llmd-endpoint", out var values) ? values.Single() : null));
        }

        return answers;
    }
}
