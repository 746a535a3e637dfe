using LlmdAspire.Router.Admission;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Router.Tests;

public sealed class AdmissionGateTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task WaitingRequests_EnterInOrderAsOthersLeave()
    {
        using var gate = Gate(capacity: 1, queue: 2);
        Assert.Equal(AdmissionResult.Admitted, await gate.EnterAsync(CancellationToken.None));
        var second = gate.EnterAsync(CancellationToken.None).AsTask();
        var third = gate.EnterAsync(CancellationToken.None).AsTask();
        Assert.Equal(AdmissionResult.QueueFull, await gate.EnterAsync(CancellationToken.None));

        gate.Leave();
        Assert.Equal(AdmissionResult.Admitted, await second);
        Assert.False(third.IsCompleted);

        gate.Leave();
        Assert.Equal(AdmissionResult.Admitted, await third);
        Assert.Equal(0, gate.Waiting);
    }

    [Fact]
    public async Task Time_BringsTokensBack()
    {
        using var gate = Gate(capacity: 2, queue: 0, perSecond: 0.5);
        Assert.Equal(AdmissionResult.Admitted, await gate.EnterAsync(CancellationToken.None));
        Assert.Equal(AdmissionResult.Admitted, await gate.EnterAsync(CancellationToken.None));
        Assert.Equal(AdmissionResult.QueueFull, await gate.EnterAsync(CancellationToken.None));
        Assert.Equal(2, gate.RetryAfterSeconds());

        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(AdmissionResult.Admitted, await gate.EnterAsync(CancellationToken.None));
        Assert.Equal(AdmissionResult.QueueFull, await gate.EnterAsync(CancellationToken.None));
    }

    [Fact]
    public async Task LongWait_TimesOutAndLeavesTheQueue()
    {
        using var gate = Gate(capacity: 1, queue: 1);
        _ = await gate.EnterAsync(CancellationToken.None);
        var waiting = gate.EnterAsync(CancellationToken.None).AsTask();

        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(AdmissionResult.TimedOut, await waiting);
        Assert.Equal(0, gate.Waiting);
    }

    [Fact]
    public async Task ClientThatLeavesTheQueue_TakesNoToken()
    {
        using var gate = Gate(capacity: 1, queue: 1);
        _ = await gate.EnterAsync(CancellationToken.None);
        using var client = new CancellationTokenSource();
        var waiting = gate.EnterAsync(client.Token).AsTask();

        await client.CancelAsync();

        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        gate.Leave();
        Assert.Equal(AdmissionResult.Admitted, await gate.EnterAsync(CancellationToken.None));
    }

    private AdmissionGate Gate(int capacity, int queue, double perSecond = 0.001) =>
        new(new AdmissionOptions(capacity, perSecond, queue, TimeSpan.FromSeconds(10)), _time);
}
