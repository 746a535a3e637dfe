using System.Net;
using System.Net.Http.Json;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Router.Tests;

/// <summary>A configuration file that changes under a running router.</summary>
public sealed class ReloadTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"llmd-router-{Guid.NewGuid():N}.yaml");

    [Fact]
    public async Task Workers_ComeAndAreDrained_AndThoseAddedByHandStay()
    {
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var leaving = await ScriptedEngine.StartAsync(async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: 1\n\n");
            await context.Response.Body.FlushAsync();
            await finish.Task;
            await context.Response.WriteAsync("data: [DONE]\n\n");
        });
        await using var staying = await ScriptedEngine.StartAsync();
        await using var coming = await ScriptedEngine.StartAsync();
        await using var byHand = await ScriptedEngine.StartAsync();
        await using var router = await StartAsync(Workers(leaving.Url, staying.Url));
        Assert.Equal(HttpStatusCode.OK, (await router.Client.PostAsJsonAsync("/workers", new { url = byHand.Url })).StatusCode);
        using var stream = await router.StreamAsync();
        Assert.Equal(leaving.Url, stream.Headers.GetValues("x-llmd-endpoint").Single());

        Write(Workers(coming.Url, staying.Url));

        await Eventually.TrueAsync(async () => await ListAsync(router) == $"{leaving.Url} draining {staying.Url} {byHand.Url} {coming.Url}");
        finish.SetResult();
        Assert.Equal("data: 1\n\ndata: [DONE]\n\n", await stream.Content.ReadAsStringAsync());
        await Eventually.TrueAsync(async () => await ListAsync(router) == $"{staying.Url} {byHand.Url} {coming.Url}");

        // Back before it is gone.
        Write(Workers(staying.Url, coming.Url, leaving.Url));
        await Eventually.TrueAsync(async () => (await ListAsync(router)).Contains(leaving.Url, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Settings_HoldForRequestsThatArriveLater()
    {
        var requests = 0;
        await using var engine = await ScriptedEngine.StartAsync((context, _) =>
        {
            Interlocked.Increment(ref requests);
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });
        await using var router = await StartAsync(Workers(engine.Url) + "retry-initial-backoff-ms: 1\nretry-max-retries: 2\n");
        _ = await router.CompleteAsync();
        Assert.Equal(2, requests);

        Write(Workers(engine.Url) + "retry-initial-backoff-ms: 1\nretry-max-retries: 3\nmax-payload-size: 10\npolicy: power_of_two\ntransparent-proxy: off\nadmin-key: new\nport: 1\n");
        await ReloadedAsync(router, "success", 1);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await router.CompleteAsync()).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await router.Client.GetAsync("/unknown")).StatusCode);
        Write(Workers(engine.Url) + "retry-initial-backoff-ms: 1\nretry-max-retries: 3\npolicy: power_of_two\n");
        await ReloadedAsync(router, "success", 2);
        requests = 0;
        var answer = await router.CompleteAsync();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, 3), (answer.StatusCode, requests));
        var explained = await router.GetJsonAsync("/explain/" + answer.Headers.GetValues("x-request-id").Single());
        Assert.Equal("power_of_two", explained.GetProperty("policy").GetString());
    }

    [Fact]
    public async Task BadFile_IsRefusedAndTheOldOneStays()
    {
        await using var engine = await ScriptedEngine.StartAsync();
        await using var router = await StartAsync(Workers(engine.Url));

        Write("worker-urls: []\nqueue-size: -1\n");
        await ReloadedAsync(router, "failure", 1);
        Write("? [a]: b\n");
        await ReloadedAsync(router, "failure", 2);

        Assert.Equal(engine.Url, await ListAsync(router));
        Assert.Equal(HttpStatusCode.OK, (await router.CompleteAsync()).StatusCode);
    }

    [Fact]
    public void FlagsThatCannotChange_KeepTheirValuesAndAreNamed()
    {
        Write("port: 30000\nqueue-size: 5\n");
        var running = new RouterFlags();
        Assert.Null(running.Read(["--config", _file, "--prometheus-port", "0"]));

        Write("port: 30001\nmode: sidecar\nqueue-size: 6\nprometheus-port: 7\n");
        var next = new RouterFlags();
        var reread = next.ReadAgain(running);

        Assert.Empty(reread.Mistakes);
        Assert.Equal(["port", "mode"], reread.Kept.Select(flag => flag.Name));
        Assert.Equal(["queue-size"], reread.Changed.Select(flag => flag.Name));
        Assert.Equal((30000, "router", 6, 0), (next.Port.Value, next.Mode.Value, next.QueueSize.Value, next.PrometheusPort.Value));
    }

    public void Dispose() => File.Delete(_file);

    private static string Workers(params string[] urls) => $"worker-urls: [{string.Join(", ", urls)}]\n";

    private static async Task<string> ListAsync(RunningRouter router) => string.Join(' ', (await router.GetJsonAsync("/workers")).GetProperty("workers").EnumerateArray()
        .Select(worker => worker.GetProperty("url").GetString() + (worker.GetProperty("draining").GetBoolean() ? " draining" : "")));

    private static Task ReloadedAsync(RunningRouter router, string result, int times) => Eventually.TrueAsync(async () =>
        (await router.Client.GetStringAsync("/metrics")).Contains($"llmd_router_config_reloads_total{{result=\"{result}\"}} {times}\n", StringComparison.Ordinal));

    private Task<RunningRouter> StartAsync(string file)
    {
        Write(file);
        return RunningRouter.StartWithAsync("--config", _file);
    }

    private void Write(string text) => File.WriteAllText(_file, text);
}
