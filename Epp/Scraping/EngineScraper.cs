using System.Collections.Concurrent;
using LlmdAspire.Epp.Endpoints;
using LlmdAspire.Epp.Objectives;
using LlmdAspire.Epp.Picking;
using LlmdAspire.Protocols.Http;
using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Epp.Scraping;

/// <summary>Asks every engine how busy it is, often while that changes and rarely while nobody needs to know.</summary>
/// <remarks>One loop per engine, whatever its ranks. An engine that failed twice in a row is away until it answers again.</remarks>
internal sealed partial class EngineScraper(
    EndpointPool pool, EngineRanks ranks, CurrentScheduler scheduler, ObjectiveTable objectives, Traffic traffic, ScrapePace pace, EppMetrics metrics, TimeProvider clock, ILogger<EngineScraper> logger) : BackgroundService
{
    private const int FailuresUntilAway = 2;
    private const int MaxMetricsBytes = 16 * 1024 * 1024;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(2);

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        // Probes are no part of anybody's trace.
        ActivityHeadersPropagator = null,
        ConnectTimeout = s_timeout,
        ConnectCallback = HttpDial.OpenAsync,
    }) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MaxMetricsBytes };

    private readonly ConcurrentDictionary<EndpointId, CancellationTokenSource> _loops = new();

    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        void Update() => Reconcile(stoppingToken);
        pool.Changed += Update;
        Update();
        try
        {
            await Task.Delay(Timeout.Infinite, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // Stopping: the loops end by the same token.
        }
        finally
        {
            pool.Changed -= Update;
        }
    }

    private void Reconcile(CancellationToken stopping)
    {
        var engines = pool.All.Select(endpoint => endpoint.Id.WithoutRank()).ToHashSet();
        foreach (var engine in engines.Where(engine => !_loops.ContainsKey(engine)))
        {
            var source = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            if (_loops.TryAdd(engine, source))
            {
                _ = Task.Run(() => WatchAsync(engine, source.Token), CancellationToken.None);
            }
        }

        foreach (var (engine, source) in _loops.Where(loop => !engines.Contains(loop.Key)).ToList())
        {
            _ = _loops.TryRemove(engine, out _);
            source.Cancel();
            source.Dispose();
            ranks.Forget(engine);
        }
    }

    private async Task WatchAsync(EndpointId engine, CancellationToken stopping)
    {
        var wait = pace.Shortest;
        var failures = 0;
        EngineReading? last = null;
        while (!stopping.IsCancellationRequested)
        {
            // Taken before the scrape, so that a request which comes meanwhile is not missed.
            var bell = traffic.Bell;
            var reading = await ScrapeAsync(engine, stopping);
            if (stopping.IsCancellationRequested)
            {
                return;
            }

            failures = reading is null ? failures + 1 : 0;
            if (reading is not null)
            {
                ranks.Tell(engine, reading.RankCount);
            }

            wait = pace.Next(wait, changed: reading is not null && !reading.SaysTheSameAs(last), traffic.IsBusy, failures);
            Apply(engine, reading, failures, dueAt: clock.GetTimestamp() + (long)(wait.TotalSeconds * clock.TimestampFrequency));
            last = reading;
            await WaitAsync(wait, bell, stopping);
        }
    }

    private async Task WaitAsync(TimeSpan wait, Task bell, CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _ = await Task.WhenAny(Task.Delay(wait, clock, end.Token), bell);
        await end.CancelAsync();
    }

    private void Apply(EndpointId engine, EngineReading? reading, int failures, long dueAt)
    {
        foreach (var endpoint in pool.All)
        {
            if (endpoint.Id.WithoutRank() != engine)
            {
                continue;
            }

            if (reading is not null)
            {
                endpoint.Load = reading.LoadOf(endpoint.Id.Rank) with { DueAt = dueAt };
                if (endpoint.IsAway)
                {
                    pool.SetAway(endpoint, false);
                    CameBack(logger, endpoint.Name);
                }
            }
            else if (failures == FailuresUntilAway || (failures > FailuresUntilAway && !endpoint.IsAway))
            {
                // Told also of one that never answered and so was away from the start.
                pool.SetAway(endpoint, true);
                Left(logger, endpoint.Name);
            }
        }
    }

    // Null when the engine did not answer, or as one that cannot serve.
    private async Task<EngineReading?> ScrapeAsync(EndpointId engine, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(s_timeout);
        try
        {
            var path = scheduler.Current.ReadsEngineMetrics || objectives.HasSheddable || ranks.IsAskedOf(engine) ? "/metrics" : "/health";
            using var response = await _client.GetAsync(new Uri(engine.BaseUrl + path), limit.Token);
            if ((int)response.StatusCode >= 500)
            {
                metrics.PollFailed();
                return null;
            }

            // An engine that has no such page still answers, and that is all there is to know of it.
            var text = response.IsSuccessStatusCode ? await response.Content.ReadAsByteArrayAsync(limit.Token) : [];
            return EngineMetricsReader.Read(text, clock.GetTimestamp());
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            metrics.PollFailed();
            return null;
        }
    }

    [LoggerMessage(EventId = 21, Level = LogLevel.Warning, Message = "{Endpoint} does not answer and gets nothing until it does")]
    private static partial void Left(ILogger logger, string endpoint);

    [LoggerMessage(EventId = 22, Level = LogLevel.Information, Message = "{Endpoint} answers and gets requests")]
    private static partial void CameBack(ILogger logger, string endpoint);
}
