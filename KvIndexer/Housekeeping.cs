using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.KvIndexer.Http;
using LlmdAspire.KvIndexer.Scoring;

namespace LlmdAspire.KvIndexer;

/// <summary>What time alone brings about: doubtful blocks, parked stores and expectations run out.</summary>
internal sealed class Housekeeping(
    EndpointCatalog catalog, Speculation speculation, EventRate rate, IndexerMetrics metrics, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(200);
    private const int PeriodsPerTick = 5;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_period, clock);
        for (var round = 1; await WaitAsync(timer, stoppingToken); round++)
        {
            metrics.Skipped("orphan_dropped", catalog.DropLate());
            speculation.DropLate();
            if (round % PeriodsPerTick == 0)
            {
                rate.Tick();
            }
        }
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stopping)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
