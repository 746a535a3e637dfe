using System.Text.Json.Nodes;
using LlmdAspire.Dashboard.Tests.Browser;
using LlmdAspire.Tests.Shared;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>The page of the running stack says why a request went where it went.</summary>
[Collection(nameof(DefaultStackFixture))]
public sealed class DashboardWhyTests(DefaultStackFixture shared, Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task RepeatedPrompt_IsExplainedOnThePageAndInTheJson()
    {
        var stack = await shared.WholeAsync();

        // Every engine is there with its role, those that only prefill among them.
        var idle = await stack.GetAsync("dashboard", "/api/state");
        Assert.Equal(
            ["prefill-0 prefill", "prefill-1 prefill", "decode-0 decode", "decode-1 decode"],
            idle["engines"]!.AsArray().Select(engine => $"{engine!["name"]} {engine["role"]}"));

        var prompt = Prompts.Tokens(seed: 5, count: 2000);
        var first = await stack.CompleteAsync(prompt);
        await Eventually.TrueAsync(async () => (await stack.ScoreAsync(prompt)).GetValueOrDefault(first.Endpoint!) == 2000, "the index knows the prompt");
        var second = await stack.CompleteAsync(prompt);
        Assert.Equal(1984, second.CachedTokens);
        await Eventually.TrueAsync(async () => await RowAsync(stack, second) is not null, "the page lists the request");

        var why = (await stack.GetAsync("dashboard", $"/api/state?request={second.RequestId}"))["why"]!;
        var chosen = NameOf(stack, second.Endpoint!);
        var sentence = (string)why["sentence"]!;
        Assert.StartsWith($"{chosen} because it ", sentence, StringComparison.Ordinal);
        Assert.EndsWith("hold 1,984 of 2,000 prompt tokens; prefill skipped: only 16 tokens to compute", sentence.Replace("holds", "hold", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal((1984, 1984), ((int)why["expected_cached_tokens"]!, (int)why["cached_tokens"]!));
        var profile = Assert.Single(why["picker"]!["profiles"]!.AsArray())!;
        var candidate = profile["candidates"]!.AsArray().Single(candidate => (string?)candidate!["endpoint"] == second.Endpoint)!;
        Assert.True((double)candidate["scores"]!["prefix-cache-scorer"]! > 0.9);
        Assert.Equal(3, (double)profile["weights"]!["prefix-cache-scorer"]!);

        var earlier = (await stack.GetAsync("dashboard", $"/api/state?request={first.RequestId}"))["why"]!;
        Assert.Equal(["decode", "prefill"], earlier["picker"]!["profiles"]!.AsArray().Select(profile => (string?)profile!["profile"]));
        var prefill = earlier["path"]!.AsArray().Single(step => (string?)step!["step"] == "prefill")!;
        Assert.StartsWith("prefill-", (string?)prefill["name"], StringComparison.Ordinal);
        Assert.True((double)prefill["took_ms"]! > 0);

        foreach (var (width, scheme) in new[] { (1440, ColorScheme.Light), (390, ColorScheme.Dark) })
        {
            await using var visit = await chromium.OpenAsync(new Uri(stack.UrlOf("dashboard"), $"/?request={second.RequestId}"), width, scheme: scheme);
            await Expect(visit.Page.Locator(".sentence")).ToContainTextAsync(sentence);
            await Expect(visit.Page.Locator(".candidates .chosen")).ToContainTextAsync(chosen);
            await Expect(visit.Page.Locator(".candidates .chosen td").First).ToHaveTextAsync(((double)candidate["total"]!).ToString("0.###", System.Globalization.CultureInfo.InvariantCulture));
            await visit.PictureAsync($"stack-{width}-{scheme}");
            Assert.Equal(0, await visit.OverflowAsync());
            Assert.Empty(visit.Complaints);
        }
    }

    private static string NameOf(RunningStack stack, string endpoint) =>
        new[] { "decode-0", "decode-1" }.Single(name => stack.UrlOf(name).Authority == new Uri(endpoint).Authority);

    private static async Task<JsonNode?> RowAsync(RunningStack stack, Answer answer) =>
        (await stack.GetAsync("dashboard", "/api/state"))["requests"]!.AsArray().FirstOrDefault(row => (string?)row!["request_id"] == answer.RequestId);
}
