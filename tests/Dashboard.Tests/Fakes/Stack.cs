using System.Net.Http.Json;
using System.Text.Json;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Dashboard.Tests.Fakes;

/// <summary>A Dashboard on a free port in front of a fake Router and fake engines.</summary>
internal sealed class Stack : IAsyncDisposable
{
    // Only ever waited for in full by a test that fails.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    public List<FakeEngine> Engines { get; } = [];

    public FakeRouter Router { get; private set; } = null!;

    public RunningService Dashboard { get; private set; } = null!;

    public HttpClient Client { get; } = new();

    public static async Task<Stack> StartAsync(int engines = 2, string model = "demo/model", string[]? answer = null, params string[] flags)
    {
        var stack = new Stack();
        for (var i = 0; i < engines; i++)
        {
            stack.Engines.Add(await FakeEngine.StartAsync());
        }

        stack.Router = await FakeRouter.StartAsync(stack.Engines.Select(engine => engine.Url), model, answer);
        await stack.StartDashboardAsync(stack.Router.Url, flags);
        return stack;
    }

    /// <summary>A Dashboard whose Router is not there.</summary>
    public static async Task<Stack> WithoutRouterAsync(params string[] flags)
    {
        var stack = new Stack();
        await stack.StartDashboardAsync(await UnusedUrlAsync(), flags);
        return stack;
    }

    /// <summary>An address where nothing listens: it was free a moment ago.</summary>
    public static async Task<string> UnusedUrlAsync()
    {
        await using var server = await FakeServer.StartAsync(_ => { });
        return server.Url;
    }

    public Task<JsonElement> StateAsync() => Client.GetFromJsonAsync<JsonElement>("/api/state");

    /// <summary>Asks for the state again and again, one look at the sources after the other, until it is as expected.</summary>
    public Task<JsonElement> UntilStateAsync(Func<JsonElement, bool> isExpected) => UntilAsync(StateAsync, isExpected);

    public Task<string> UntilPageAsync(Func<string, bool> isExpected) => UntilAsync(() => Client.GetStringAsync("/"), isExpected);

    private static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> isExpected)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (true)
        {
            var answer = await ask();
            if (isExpected(answer))
            {
                return answer;
            }

            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException($"Still not as expected after {s_patience.TotalSeconds} s: {answer}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Dashboard.DisposeAsync();
        if (Router is not null)
        {
            await Router.DisposeAsync();
        }

        foreach (var engine in Engines)
        {
            await engine.DisposeAsync();
        }
    }

    private async Task StartDashboardAsync(string router, string[] flags)
    {
        Dashboard = await new DashboardService().StartAsync(["--port", "0", "--router", router, "--refresh", "100ms", "--log-level", "warning", .. flags]);
        Client.BaseAddress = Dashboard.Url;
    }
}
