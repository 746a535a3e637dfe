using Aspire.Hosting.Testing;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>The default stack, simulated, started once by the real AppHost's entry point for the tests that only talk to it.</summary>
public sealed class StackFixture : IAsyncLifetime
{
    public const string Model = "Qwen/Qwen3-0.6B";

    private DistributedApplication? _app;

    public DistributedApplication App => _app ?? throw new InvalidOperationException("The stack is not started.");

    /// <summary>A client of the router.</summary>
    public HttpClient Router { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            ["--engines", "simulator", "--router-port", "0", "--dashboard-port", "0", "--simulator-time-scale", "10"]);
        _app = await builder.BuildAsync();
        await _app.StartAsync();
        foreach (var resource in new[] { "router", "dashboard", "epp", "kv-indexer", "prefill-0", "prefill-1", "decode-0", "decode-1" })
        {
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(resource).WaitAsync(Eventually.Timeout);
        }

        Router = _app.CreateHttpClient("router");
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }
}

/// <summary>The tests that share it.</summary>
[CollectionDefinition(nameof(StackFixture))]
public sealed class StackGroup : ICollectionFixture<StackFixture>;
