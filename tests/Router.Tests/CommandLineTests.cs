using LlmdAspire.ServiceDefaults;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Router.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--policy is 'cache-awre'; it must be one of power_of_two, random, round_robin.", "--policy", "cache-awre")]
    [InlineData("--worker-urls: 'http://a:8000/v1' has a path", "--worker-urls", "http://a:8000/v1")]
    [InlineData("--worker-urls: 'http://a:80' is given 2 times", "--worker-urls", "http://a:80", "http://A:80/")]
    [InlineData("--transparent-proxy is 'maybe'; it must be on or off.", "--transparent-proxy", "maybe")]
    [InlineData("--retry-jitter-factor is '3'; it must be from 0 to 1.", "--retry-jitter-factor", "3")]
    [InlineData("--queue-size is '-1'; it must be at least 0.", "--queue-size", "-1")]
    public async Task Mistake_IsNamedWithItsRemedy(string expected, params string[] args)
    {
        var mistake = await Assert.ThrowsAsync<UsageException>(() => new RouterService().StartAsync(["--port", "0", "--prometheus-port", "0", .. args]));

        Assert.Contains(expected, mistake.Message);
    }

    [Fact]
    public async Task MetricsPort_ServesMetricsAndNoRequests()
    {
        var port = TestPorts.Free();
        await using var router = await RunningRouter.StartAsync([], "--prometheus-port", $"{port}");
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        Assert.Contains("vllm_router_active_workers", await client.GetStringAsync("/metrics"));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await client.GetAsync("/v1/models")).StatusCode);
    }

    [Fact]
    public async Task Metrics_ParseForPromtool()
    {
        Assert.SkipWhen(Promtool.Missing is not null, Promtool.Missing ?? "");
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await RunningRouter.StartAsync(engine.Url);
        _ = await router.CompleteAsync();

        Assert.Null(await Promtool.FindParseErrorAsync(await router.Client.GetStringAsync("/metrics")));
    }
}
