using LlmdAspire.Tests.Shared.Telemetry;

namespace LlmdAspire.EndToEnd.Tests;

/// <summary>One default stack, as users start it, for the tests that follow requests through it. Its traces arrive at <see cref="Telemetry"/>.</summary>
public sealed class DefaultStackFixture : IAsyncLifetime
{
    private const int Engines = 4;

    private OtlpReceiver? _telemetry;
    private RunningStack? _stack;

    internal OtlpReceiver Telemetry => _telemetry ?? throw new InvalidOperationException("The stack is not started.");

    public async ValueTask InitializeAsync()
    {
        _telemetry = await OtlpReceiver.StartAsync();
        _stack = await RunningStack.StartAsync(_telemetry.Environment, "--simulator-time-scale", "10");
    }

    public async ValueTask DisposeAsync()
    {
        if (_stack is not null)
        {
            await _stack.DisposeAsync();
        }

        if (_telemetry is not null)
        {
            await _telemetry.DisposeAsync();
        }
    }

    /// <summary>Waits until every part is up and knows of the others: how each test finds the stack.</summary>
    internal async Task<RunningStack> WholeAsync()
    {
        var stack = _stack ?? throw new InvalidOperationException("The stack is not started.");
        await stack.HealthyAsync();
        await stack.KnowsEnginesAsync(Engines);
        return stack;
    }
}

/// <summary>The tests that share it.</summary>
[CollectionDefinition(nameof(DefaultStackFixture))]
public sealed class DefaultStackGroup : ICollectionFixture<DefaultStackFixture>;
