using System.Net.Http.Json;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>Events, index, picker and both legs, in the running stack.</summary>
[Collection(nameof(DefaultStackFixture))]
public sealed class WholePathTests(DefaultStackFixture shared)
{
    [Fact]
    public async Task RepeatedPrompt_GoesWhereItIsCached_AndEveryPartAgrees()
    {
        var stack = await shared.WholeAsync();
        var prompt = Prompts.Tokens(seed: 1, count: 2000);

        var first = await stack.CompleteAsync(prompt);
        await Eventually.TrueAsync(async () => (await stack.ScoreAsync(prompt)).GetValueOrDefault(first.Endpoint!) > 0, "the index knows the prompt");
        var second = await stack.CompleteAsync(prompt);

        Assert.Equal(200, first.Status);
        Assert.Equal(0, first.CachedTokens);
        Assert.Equal(first.Endpoint, second.Endpoint);

        // 2,000 tokens are 125 blocks of 16; the last one is computed again, as vLLM does.
        var held = await stack.ScoreAsync(prompt);
        Assert.Equal(2000, held[first.Endpoint!]);
        Assert.Equal(1984, second.CachedTokens);

        var decision = (await stack.GetAsync("router", $"/explain/{second.RequestId}"))!;
        Assert.Equal(second.Endpoint, (string?)decision["endpoint"]);
    }

    [Fact]
    public async Task GrowingConversation_StaysWhereItIs_AndDifferentPromptsSpread()
    {
        var stack = await shared.WholeAsync();
        var conversation = Prompts.Tokens(seed: 2, count: 1000);
        var endpoints = new List<string?>();
        for (var turn = 0; turn < 5; turn++)
        {
            var answer = await stack.CompleteAsync(conversation);
            endpoints.Add(answer.Endpoint);
            var soFar = conversation;
            await Eventually.TrueAsync(async () => (await stack.ScoreAsync(soFar)).ContainsKey(answer.Endpoint!), "the index has followed");
            conversation = new JsonArray([.. conversation.Select(token => token!.DeepClone()), .. Prompts.Tokens(seed: 100 + turn, count: 200).Select(token => token!.DeepClone())]);
        }

        Assert.Single(endpoints.Distinct());

        var spread = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => stack.CompleteAsync(Prompts.Tokens(seed: 1000 + i, count: 500))));
        var shares = spread.GroupBy(answer => answer.Endpoint).Select(group => group.Count()).ToList();
        Assert.Equal(2, shares.Count);
        Assert.All(shares, share => Assert.InRange(share, 10, 40));
    }

    [Fact]
    public async Task OneTrace_SpansRouterPickerIndexerAndBothLegs()
    {
        Assert.SkipWhen(AppHostProcess.HostingMode == "Packages", "real Aspire sends telemetry to its own dashboard, whatever OTEL_EXPORTER_OTLP_ENDPOINT says");
        var stack = await shared.WholeAsync();
        var id = Guid.NewGuid().ToString("N");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
        {
            Content = JsonContent.Create(new JsonObject { ["model"] = RunningStack.Model, ["prompt"] = Prompts.Tokens(seed: 3, count: 2000), ["max_tokens"] = 4 }),
        };
        request.Headers.Add("traceparent", $"00-{id}-00f067aa0ba902b7-01");

        using var response = await stack.Client.SendAsync(request);

        response.EnsureSuccessStatusCode();
        string[] expected = ["decode", "epp", "kv-indexer", "prefill", "router"];
        await Eventually.TrueAsync(() => Services().SequenceEqual(expected), $"the trace spans {string.Join(", ", expected)}");

        IEnumerable<string> Services() => shared.Telemetry.Spans
            .Where(span => span.TraceId == id)
            .Select(span => span.Service.TrimEnd('0', '1').TrimEnd('-'))
            .Distinct()
            .Order(StringComparer.Ordinal);
    }
}
