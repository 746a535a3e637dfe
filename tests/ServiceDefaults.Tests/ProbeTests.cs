using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using LlmdAspire.ServiceDefaults.Tests.Tiny;
using LlmdAspire.Tests.Shared;
using Microsoft.Extensions.DependencyInjection;

namespace LlmdAspire.ServiceDefaults.Tests;

public sealed class ProbeTests
{
    [Fact]
    public async Task Health_WhenAllChecksPass_Is200()
    {
        await using var tiny = await new TinyService().StartAsync([]);
        using var client = new HttpClient { BaseAddress = tiny.Url };

        using var answer = await client.GetAsync("/health");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("Healthy\n", await answer.Content.ReadAsStringAsync());
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Health_WhenACheckFails_Is503AndNamesIt_ButAliveStays200()
    {
        await using var tiny = await new TinyService().StartAsync(["--fail", "health"]);
        using var client = new HttpClient { BaseAddress = tiny.Url };

        using var health = await client.GetAsync("/health");
        using var alive = await client.GetAsync("/alive");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Equal("Unhealthy\nmood: in a bad mood\n", await health.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    [Fact]
    public async Task Version_NamesProgramAndVersion()
    {
        await using var tiny = await new TinyService().StartAsync([]);
        using var client = new HttpClient { BaseAddress = tiny.Url };

        var version = await client.GetFromJsonAsync<JsonObject>("/version");

        Assert.Equal("tiny-service", (string?)version!["program"]);
        Assert.Matches(@"^\d+\.\d+\.\d+", (string?)version["version"]);
    }

    [Fact]
    public async Task EveryPortOfTheProcess_AnswersTheSame()
    {
        await using var tiny = await new TinyService().StartAsync(["--second-port", "0"]);
        using var client = new HttpClient();

        Assert.Equal(2, tiny.Urls.Count);
        foreach (var url in tiny.Urls)
        {
            Assert.Equal("Healthy\n", await client.GetStringAsync(new Uri(url, "/alive")));
            Assert.Contains("# TYPE http_server_active_requests gauge", await client.GetStringAsync(new Uri(url, "/metrics")), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Metrics_OfARunningService_AreWhatPromtoolReads()
    {
        Assert.SkipWhen(Promtool.Missing is not null, Promtool.Missing ?? "");
        await using var tiny = await new TinyService().StartAsync([]);
        using var client = new HttpClient { BaseAddress = tiny.Url };
        var meter = tiny.Services.GetRequiredService<IMeterFactory>().Create("LlmdAspire.Tiny");
        meter.CreateCounter<long>("llmd.tiny.requests", "{request}", "Requests.").Add(1, new KeyValuePair<string, object?>("path", "a\"b\\c\nd"));
        await client.GetStringAsync("/hello/you");

        using var answer = await client.GetAsync("/metrics");
        var text = await answer.Content.ReadAsStringAsync();

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Contains("""llmd_tiny_requests_total{path="a\"b\\c\nd"} 1""", text, StringComparison.Ordinal);
        Assert.Contains("http_server_request_duration_seconds_bucket{", text, StringComparison.Ordinal);
        Assert.Contains("dotnet_gc_collections_total{", text, StringComparison.Ordinal);
        Assert.Null(await Promtool.FindParseErrorAsync(text));
    }
}
