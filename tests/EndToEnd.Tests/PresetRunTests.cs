using System.Text.Json.Nodes;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>Every preset runs on a workstation as it is published: as many engines, of the same sizes, behind the same front.</summary>
public sealed class PresetRunTests
{
    [Theory]
    [InlineData("pd-dp8", "--preset", "pd-dp8")]
    [InlineData("pd-dp8 behind the router", "--preset", "pd-dp8", "--front", "router")]
    [InlineData("pd-70b", "--preset", "pd-70b")]
    [InlineData("epp-sticky with a prefill engine", "--preset", "epp-sticky", "--prefill-replicas", "1")]
    public async Task TwoEnginesShareAPrompt_AndTheTextIsThatOfOne(string preset, params string[] options)
    {
        await using var stack = await RunningStack.StartAsync(null, options);
        // Longer than any preset's threshold.
        var prompt = new JsonArray([.. Enumerable.Range(0, 600).Select(i => (JsonNode)(1000 + (i * 7 % 5000)))]);

        var answer = await stack.CompleteAsync(prompt, maxTokens: 16);
        var alone = await stack.PostAsync(
            "decode-0", "/v1/completions", new JsonObject { ["model"] = RunningStack.Model, ["prompt"] = prompt.DeepClone(), ["max_tokens"] = 16, ["ignore_eos"] = true });

        Assert.Equal(200, answer.Status);
        Assert.Equal((string?)alone["choices"]![0]!["text"], (string?)answer.Body!["choices"]![0]!["text"]);
        Assert.Equal(preset.StartsWith("pd-dp8", StringComparison.Ordinal), answer.Endpoint!.Contains('@', StringComparison.Ordinal));
        var prefilled = 0.0;
        foreach (var engine in Enumerable.Range(0, preset == "pd-70b" ? 4 : 1))
        {
            prefilled += await stack.MetricAsync($"prefill-{engine}", "vllm:request_success_total");
        }

        Assert.Equal(1, prefilled);
    }

    [Fact]
    public async Task StickySessions_StayOnTheEngineThatHoldsTheirBeginning()
    {
        await using var stack = await RunningStack.StartAsync(null, "--preset", "epp-sticky");
        var prompt = new JsonArray([.. Enumerable.Range(0, 600).Select(i => (JsonNode)(2000 + (i * 11 % 5000)))]);

        var first = await stack.CompleteAsync(prompt);
        var second = await stack.CompleteAsync(prompt);

        Assert.Equal((200, 200), (first.Status, second.Status));
        Assert.Equal(first.Endpoint, second.Endpoint);
        Assert.True(second.CachedTokens > 0, "the engine held the prompt");
    }
}
