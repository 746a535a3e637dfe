using LlmdAspire.Dashboard.Tests.Fakes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace LlmdAspire.Dashboard.Tests.Browser;

public sealed class PageTests(Chromium chromium) : IClassFixture<Chromium>
{
    public static TheoryData<int, ColorScheme> Windows => new()
    {
        { 1440, ColorScheme.Light },
        { 1440, ColorScheme.Dark },
        { 900, ColorScheme.Light },
        { 360, ColorScheme.Light },
        { 360, ColorScheme.Dark },
    };

    [Theory]
    [MemberData(nameof(Windows))]
    public async Task Page_SendsAPrompt_ShowsItsRow_AndSaysWhyHere(int width, ColorScheme scheme)
    {
        await using var stack = await Stack.StartAsync(engines: 4, model: "meta-llama/Llama-3.1-8B-Instruct");
        Busy(stack);
        await using var visit = await chromium.OpenAsync(stack.Dashboard.Url, width, scheme: scheme);
        var page = visit.Page;
        await Expect(page.Locator("#live")).ToHaveTextAsync("live");
        await Expect(page.Locator(".engine")).ToHaveCountAsync(4);

        await page.GetByLabel("Prompt").FillAsync("Say <b>hello</b>");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();

        await Expect(page.Locator("#answer")).ToHaveTextAsync("Hello from the engine.");
        await Expect(page.Locator("[data-fact=endpoint]")).ToHaveTextAsync(new Uri(stack.Engines[0].Url).Authority);
        await Expect(page.Locator("[data-fact=tokens]")).ToHaveTextAsync("14 → 5");
        var id = await page.Locator("[data-fact=request]").TextContentAsync();
        await Expect(page.Locator($"tr[data-key='{id}']")).ToBeVisibleAsync();

        await page.Locator("[data-fact=request]").ClickAsync();
        await Expect(page.Locator("tr.why")).ToContainTextAsync("next in turn among the healthy engines");
        await Expect(page.Locator("tr.why .chosen")).ToContainTextAsync(new Uri(stack.Engines[0].Url).Authority);
        Grow(stack);
        await Expect(page.Locator(".tile").Nth(3)).ToContainTextAsync("ms");

        await visit.PictureAsync($"page-{width}-{scheme}");
        Assert.Equal(0, await visit.OverflowAsync());
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Page_KeepsFocusAndWhatIsOpen_WhileNewRequestsArrive()
    {
        await using var stack = await Stack.StartAsync(engines: 2);
        stack.Router.Served("cmpl-first", stack.Engines[0].Url);
        await using var visit = await chromium.OpenAsync(stack.Dashboard.Url, 1440);
        var page = visit.Page;
        var link = page.Locator("tr[data-key='cmpl-first'] a");
        await Expect(page.Locator("#live")).ToHaveTextAsync("live");

        await link.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("tr.why")).ToContainTextAsync("next in turn");
        for (var i = 0; i < 60; i++)
        {
            stack.Router.Served($"cmpl-later-{i}", stack.Engines[1].Url);
            if (i is 0 or 20 or 40)
            {
                await Expect(page.Locator($"tr[data-key='cmpl-later-{i}']")).ToBeVisibleAsync();
                await Expect(link).ToBeFocusedAsync();
                await Expect(page.Locator("tr[data-key='cmpl-first'] + tr.why")).ToContainTextAsync("next in turn");
            }
        }

        // The list is bounded; what fell out of it takes what was opened below it along.
        await Expect(page.Locator("tr[data-key='cmpl-later-59']")).ToBeVisibleAsync();
        await Expect(page.Locator("tr.why")).ToHaveCountAsync(0);
        await Expect(page.Locator("tr.request")).ToHaveCountAsync(50);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Page_ByKeyboard_SendsAPromptAndOpensItsRow()
    {
        await using var stack = await Stack.StartAsync(engines: 1);
        await using var visit = await chromium.OpenAsync(stack.Dashboard.Url, 360);
        var page = visit.Page;

        await page.GetByLabel("Prompt").FocusAsync();
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(page.Locator("#answer")).ToHaveClassAsync("answer done");
        await page.Locator("[data-fact=request]").FocusAsync();
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator("tr.why")).ToContainTextAsync("next in turn");
        await Expect(page.Locator("tr.request a").First).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("tr.why")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Page_WithHostileNames_RunsNothingOfThem()
    {
        const string Hostile = "<img src=x onerror=\"document.title='taken'\">";
        await using var stack = await Stack.StartAsync(engines: 1, model: Hostile, answer: [Hostile]);
        stack.Router.Served(Hostile, stack.Engines[0].Url);
        await using var visit = await chromium.OpenAsync(stack.Dashboard.Url, 360);
        var page = visit.Page;

        await page.Locator("tr.request a").First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();

        await Expect(page.Locator("#answer")).ToHaveTextAsync(Hostile);
        await Expect(page.Locator("tr.why")).ToContainTextAsync(Hostile);
        await Expect(page.Locator("img")).ToHaveCountAsync(0);
        Assert.Equal("LlmdAspire", await page.TitleAsync());
        Assert.Equal(0, await visit.OverflowAsync());
        Assert.Empty(visit.Complaints);
    }

    [Theory]
    [InlineData(1440)]
    [InlineData(360)]
    public async Task Page_WithoutScripts_IsASnapshotThatStillSaysWhy(int width)
    {
        await using var stack = await Stack.StartAsync(engines: 2);
        stack.Router.Served("cmpl-1", stack.Engines[0].Url);
        await stack.UntilStateAsync(state => state.GetProperty("requests").GetArrayLength() == 1);
        await using var visit = await chromium.OpenAsync(stack.Dashboard.Url, width, scripts: false);

        await visit.Page.Locator("tr.request a").First.ClickAsync();

        await Expect(visit.Page.Locator("tr.why")).ToContainTextAsync("next in turn");
        await Expect(visit.Page.Locator(".engine")).ToHaveCountAsync(2);
        await visit.PictureAsync($"without-scripts-{width}");
        Assert.Empty(visit.Complaints);
    }

    [Theory]
    [InlineData(1440)]
    [InlineData(360)]
    public async Task Page_WithEverythingAway_IsCalm(int width)
    {
        await using var stack = await Stack.WithoutRouterAsync("--kv-indexer", await Stack.UnusedUrlAsync(), "--aspire-dashboard", "http://127.0.0.1:18888");
        await using var visit = await chromium.OpenAsync(stack.Dashboard.Url, width);

        await Expect(visit.Page.Locator("#live")).ToHaveTextAsync("live");
        await Expect(visit.Page.Locator(".router")).ToContainTextAsync("refused the connection");

        await visit.PictureAsync($"away-{width}");
        Assert.Equal(0, await visit.OverflowAsync());
        Assert.Empty(visit.Complaints);
    }

    private static void Busy(Stack stack)
    {
        for (var i = 0; i < stack.Engines.Count; i++)
        {
            var engine = stack.Engines[i];
            (engine.Running, engine.Waiting, engine.KvCacheUsage) = (3 + i, i == 2 ? 4 : 0, 0.12 + (i * 0.27));
        }

        stack.Router.Unhealthy.Add(stack.Engines[3].Url);
        for (var i = 0; i < 6; i++)
        {
            stack.Router.Served($"cmpl-{i}", stack.Engines[i % 3].Url, status: i == 3 ? 503 : 200, attempts: i == 2 ? 2 : 1);
        }
    }

    private static void Grow(Stack stack)
    {
        foreach (var engine in stack.Engines)
        {
            engine.GenerationTokens += 40;
            engine.PrefixQueries += 100;
            engine.PrefixHits += 62;
            var (fast, slow, endless) = engine.FirstTokens;
            engine.FirstTokens = (fast + 8, slow + 2, endless);
        }
    }
}
