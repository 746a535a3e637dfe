using System.Net;
using LlmdAspire.Dashboard.Tests.Fakes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Dashboard.Tests.Http;

public sealed class PageTests
{
    private const string Hostile = "<script>alert(1)</script>\"'><img src=x>";

    [Fact]
    public async Task Page_ShowsARequestThatHasJustBeenServed()
    {
        await using var stack = await Stack.StartAsync(engines: 1);
        stack.Router.Served("cmpl-just-now", stack.Engines[0].Url);

        await stack.UntilPageAsync(html => html.Contains("cmpl-just-now", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Page_EscapesWhateverOthersNamed()
    {
        await using var stack = await Stack.StartAsync(engines: 1, model: Hostile);
        stack.Router.Served(Hostile, stack.Engines[0].Url);

        var html = await stack.UntilPageAsync(html => html.Contains("&lt;script&gt;", StringComparison.Ordinal));
        var why = await stack.Client.GetStringAsync($"/api/why?request={Uri.EscapeDataString(Hostile)}");

        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html + why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_AskedForARequest_SaysWhyHereWithoutAnyScript()
    {
        await using var stack = await Stack.StartAsync(engines: 2);
        stack.Router.Served("cmpl 1?a=b", stack.Engines[1].Url);
        await stack.UntilStateAsync(state => state.GetProperty("requests").GetArrayLength() == 1);

        var html = await stack.Client.GetStringAsync($"/?request={Uri.EscapeDataString("cmpl 1?a=b")}");

        Assert.Contains("next in turn among the healthy engines", html, StringComparison.Ordinal);
        Assert.Contains("aria-expanded=\"true\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_AskedForARequestThatIsNoLongerListed_StillAnswers()
    {
        await using var stack = await Stack.StartAsync(engines: 1);

        var html = await stack.Client.GetStringAsync("/?request=long-ago");

        Assert.Contains("no longer remembers", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_OfARequestNobodyRemembers_SaysSo()
    {
        await using var stack = await Stack.StartAsync(engines: 1);

        var why = await stack.Client.GetStringAsync("/api/why?request=unknown");

        Assert.Contains("no longer remembers", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_AllowsNothingFromElsewhere()
    {
        await using var stack = await Stack.StartAsync(engines: 1);

        using var answer = await stack.Client.GetAsync("/");

        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_LinksToTheAspireDashboard_WhereItAnswers()
    {
        // Any server will do: what is asked is whether there is one.
        await using var without = await Stack.StartAsync(engines: 1);
        var url = without.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);
        await using var with = await Stack.StartAsync(engines: 1, flags: ["--aspire-dashboard", url + "/login"]);
        await using var away = await Stack.StartAsync(engines: 1, flags: ["--aspire-dashboard", $"http://127.0.0.1:{TestPorts.Free()}"]);

        Assert.Contains($"href=\"{url}\"", await with.Client.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.DoesNotContain("traces, logs and metrics", await away.Client.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.DoesNotContain("aspire-dashboard", await without.Client.GetStringAsync("/"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dashboard.css", "text/css")]
    [InlineData("/dashboard.js", "text/javascript")]
    [InlineData("/favicon.svg", "image/svg+xml")]
    public async Task Assets_ComeWithATag_AndAreNotSentTwice(string path, string contentType)
    {
        await using var stack = await Stack.StartAsync(engines: 1);
        using var first = await stack.Client.GetAsync(path);

        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await stack.Client.SendAsync(again);

        Assert.Equal(contentType, first.Content.Headers.ContentType!.MediaType);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task Page_OnThisMachineOnly_IsNotForSitesThatBorrowItsAddress()
    {
        await using var stack = await Stack.StartAsync(engines: 1);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/state");
        request.Headers.Host = "evil.example:18080";
        using var answer = await stack.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("/", "Host", "stack.example")]
    [InlineData("/", "X-Forwarded-For", "192.0.2.1")]
    [InlineData("/api/state", "X-Forwarded-For", "192.0.2.1")]
    [InlineData("/api/stream", "X-Forwarded-For", "192.0.2.1")]
    [InlineData("/api/why?request=x", "X-Forwarded-For", "192.0.2.1")]
    [InlineData("/api/path?request=x", "X-Forwarded-For", "192.0.2.1")]
    public async Task CallersFromElsewhere_NeedTheAdminKey(string path, string header, string value)
    {
        await using var stack = await Stack.StartAsync(engines: 1, flags: ["--host", "0.0.0.0", "--admin-key", "secret"]);
        var here = new UriBuilder(stack.Client.BaseAddress!) { Host = "127.0.0.1" }.Uri;

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("wrong"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("secret"));

        async Task<HttpStatusCode> StatusAsync(string key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(here, path));
            Assert.True(request.Headers.TryAddWithoutValidation(header, value));
            request.Headers.Authorization = new("Bearer", key);
            using var answer = await stack.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            return answer.StatusCode;
        }
    }
}
