using LlmdAspire.Router.Workers;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Router.Tests;

public sealed class CircuitBreakerTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CircuitBreaker _breaker;

    public CircuitBreakerTests() => _breaker = new(new BreakerOptions(FailureThreshold: 3, SuccessThreshold: 2, TimeSpan.FromSeconds(60)), _time);

    [Fact]
    public void FailuresInARow_OpenIt_AndASuccessBetweenStartsOver()
    {
        Fail(2);
        _breaker.RecordSuccess();
        Fail(2);
        Assert.Equal(BreakerState.Closed, _breaker.State);

        Fail(1);
        Assert.Equal(BreakerState.Open, _breaker.State);
        Assert.False(_breaker.LetsPass);
    }

    [Fact]
    public void AfterItsTime_ItTriesAndClosesAfterEnoughSuccesses()
    {
        Fail(3);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(BreakerState.Open, _breaker.State);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(BreakerState.HalfOpen, _breaker.State);

        _breaker.RecordSuccess();
        Assert.Equal(BreakerState.HalfOpen, _breaker.State);
        _breaker.RecordSuccess();
        Assert.Equal(BreakerState.Closed, _breaker.State);
    }

    [Fact]
    public void HalfOpen_OneFailureOpensItAgain()
    {
        Fail(3);
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.True(_breaker.LetsPass);

        Fail(1);
        Assert.Equal(BreakerState.Open, _breaker.State);
    }

    [Fact]
    public void WorkerThatCameBack_IsTriedBeforeTheTimeIsOver()
    {
        Fail(3);

        _breaker.WorkerCameBack();

        Assert.Equal(BreakerState.HalfOpen, _breaker.State);
    }

    private void Fail(int times)
    {
        for (var i = 0; i < times; i++)
        {
            _breaker.RecordFailure();
        }
    }
}
