using LlmdAspire.Dashboard.Tests.Fakes;
using LlmdAspire.Dashboard.Tests.Why;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmdAspire.Dashboard.Tests.Browser;

/// <summary>The picker's reasoning and a prompt's way, as a person sees them.</summary>
public sealed class WhyPageTests(Chromium chromium) : IClassFixture<Chromium>
{
    public static TheoryData<int, ColorScheme> Windows => new()
    {
        { 1440, ColorScheme.Light },
        { 1440, ColorScheme.Dark },
        { 390, ColorScheme.Light },
        { 390, ColorScheme.Dark },
    };

    [Theory]
    [MemberData(nameof(Windows))]
    public async Task Row_OpenedByKeyboard_ShowsTheSentenceThePathAndTheScores(int width, ColorScheme scheme)
    {
        await using var engines = new PickedStack();
        await engines.StartAsync();
        engines.Decide("cmpl-1");
        engines.Stack.Router.Served("cmpl-1", engines.Decode1);
        await using var visit = await chromium.OpenAsync(engines.Stack.Dashboard.Url, width, scheme: scheme);
        var page = visit.Page;
        await Expect(page.Locator("tr[data-key=cmpl-1]")).ToContainTextAsync("decode-1 because it holds 1,984 of 2,000 prompt tokens");

        await page.Locator("tr[data-key=cmpl-1] a").FocusAsync();
        await page.Keyboard.PressAsync("Enter");

        var why = page.Locator("tr.why");
        await Expect(why.Locator(".sentence")).ToContainTextAsync("decode-1 because it holds 1,984 of 2,000 prompt tokens; prefill skipped: only 16 tokens to compute");
        await Expect(why.Locator(".step .what")).ToHaveTextAsync(["router", "picker", "indexer", "prefill", "decode"]);
        await Expect(why.Locator("[data-step=prefill]")).ToContainTextAsync("skipped");
        await Expect(why.Locator(".candidates tbody tr")).ToHaveCountAsync(2);
        await Expect(why.Locator(".candidates .chosen td")).ToHaveTextAsync(["3.976", "1984", "0.992", "1"]);
        await Expect(why).ToContainTextAsync("Ruled out by a filter");
        await Expect(page.Locator(".groups h3.role")).ToHaveTextAsync(["prefill", "decode"]);
        await visit.PictureAsync($"why-{width}-{scheme}");
        Assert.Equal(0, await visit.OverflowAsync());
        Assert.Empty(visit.Complaints);
    }

    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task Playground_ShowsWhereThePromptIs_WhileItTravels(int width)
    {
        await using var engines = new PickedStack();
        await engines.StartAsync();
        var released = new TaskCompletionSource();
        engines.Stack.Router.Hold = released.Task;
        engines.Stack.Router.Arrived = id => engines.Picker.Decided(Decisions.Json((0, 0), (0, 1), "separate", id: id, decode0: engines.Decode1, decode1: engines.Decode0, prefill0: engines.Prefill0));
        await using var visit = await chromium.OpenAsync(engines.Stack.Dashboard.Url, width);
        var page = visit.Page;
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();

        await Expect(page.Locator("#travel [data-step=picker].is-done")).ToBeVisibleAsync();
        await Expect(page.Locator("#travel [data-step=prefill].is-running")).ToContainTextAsync("prefill-0");
        await Expect(page.Locator("#travel [data-step=decode].is-waiting")).ToContainTextAsync("decode-0");
        await visit.PictureAsync($"travel-{width}");
        released.SetResult();

        await Expect(page.Locator("#travel [data-step=decode].is-done")).ToBeVisibleAsync();
        await Expect(page.Locator("#travel [data-step=router].is-done")).ToContainTextAsync("answered 200");
        Assert.Equal(0, await visit.OverflowAsync());
        Assert.Empty(visit.Complaints);
    }
}
