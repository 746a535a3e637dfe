using System.Globalization;
using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.Endpoints;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Router.Tests;

/// <summary>Workers that nobody listed: how long they are remembered.</summary>
public sealed class WorkerPoolTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly RouterMetrics _metrics = new();

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public void LearnedWorker_ThatNobodyNames_IsForgotten_ButNotWhileItWorks()
    {
        var pool = Pool(TimeSpan.FromMinutes(10));
        _ = pool.AddEngine(Id(0), WorkerRole.Decode);
        var idle = pool.Learn(Id(1), WorkerRole.Prefill);
        var busy = pool.Learn(Id(2), WorkerRole.Prefill);
        busy.BeginRequest();
        var named = pool.Learn(Id(3), WorkerRole.Prefill);
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.Same(named, pool.Learn(Id(3), WorkerRole.Prefill));
        _time.Advance(TimeSpan.FromMinutes(1));

        _ = pool.Learn(Id(4), WorkerRole.Prefill);

        Assert.Equal([Id(0), Id(2), Id(3), Id(4)], Ids(pool));
        Assert.True(idle.Removed);
        Assert.NotSame(idle, pool.Learn(Id(1), WorkerRole.Prefill));
    }

    [Fact]
    public void FullPool_MakesRoom_ByThoseNamedLongestAgo()
    {
        var pool = Pool(null);
        for (var i = 0; i < 4096; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            _ = pool.Learn(Id(i), WorkerRole.Prefill);
        }

        _time.Advance(TimeSpan.FromDays(1));
        _ = pool.Learn(Id(0), WorkerRole.Prefill);
        Assert.Equal(4096, pool.Current.Count);

        _ = pool.Learn(Id(5000), WorkerRole.Prefill);

        var ids = Ids(pool);
        Assert.True(ids is [var first, .. , var last] && first == Id(0) && last == Id(5000));
        Assert.DoesNotContain(Id(1), ids);
        Assert.Contains(Id(4095), ids);
        Assert.InRange(ids.Length, 2, 4096);
    }

    private WorkerPool Pool(TimeSpan? forgetAfter) =>
        new(new BreakerOptions(int.MaxValue, 1, TimeSpan.Zero), new RankSizes(null, null, 1), _time, id => id.BaseUrl, _metrics, forgetAfter);

    private static EndpointId[] Ids(WorkerPool pool) => [.. pool.Current.Endpoints.ToArray().Select(worker => worker.Id)];

    private static EndpointId Id(int number) =>
        EndpointId.TryParse(string.Create(CultureInfo.InvariantCulture, $"http://h{number}:1"), out var id, out _) ? id : throw new InvalidOperationException();
}
