using System.Net.Http.Headers;
using LlmdAspire.Router.Configuration;

namespace LlmdAspire.Router.Workers;

/// <summary>How workers are probed.</summary>
internal sealed record HealthOptions
{
    public int FailureThreshold { get; init; } = 3;

    public int SuccessThreshold { get; init; } = 2;

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Pace for healthy workers.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Pace for workers that are not: an engine that comes back is used again within seconds whatever the interval is.</summary>
    public TimeSpan AwayInterval { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Shortest time between two probes, however many requests ask for one.</summary>
    public TimeSpan LeastGap { get; init; } = TimeSpan.FromMilliseconds(200);

    public string Path { get; init; } = "/health";

    public string? ApiKey { get; init; }
}

/// <summary>Probes every worker at its own pace and learns its models; one loop per worker, ended when the worker is removed.</summary>
internal sealed partial class HealthProber(WorkerPool pool, Live<HealthOptions> health, HttpMessageInvoker http, ILogger<HealthProber> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Loops that run are known only here; a worker added while we stop gets no loop.
        pool.Added += Watch;
        foreach (var worker in pool.Current.Endpoints)
        {
            Watch(worker);
        }

        try
        {
            await Task.Delay(Timeout.Infinite, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            pool.Added -= Watch;
        }

        void Watch(Worker worker) => _ = WatchAsync(worker, stoppingToken);
    }

    private async Task WatchAsync(Worker worker, CancellationToken stopping)
    {
        var verdict = new HealthVerdict();
        while (!worker.Removed && !stopping.IsCancellationRequested)
        {
            var options = health.Current;
            try
            {
                var answers = await ProbeAsync(worker, options, stopping);
                await ApplyAsync(worker, verdict, answers, options, stopping);
                await Task.Delay(options.LeastGap, stopping);
                var settled = verdict.Current == WorkerHealth.Healthy && answers;
                await worker.WaitForProbeAsync(settled ? options.Interval : Shorter(options.AwayInterval, options.Interval), stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task ApplyAsync(Worker worker, HealthVerdict verdict, bool answers, HealthOptions options, CancellationToken stopping)
    {
        var before = verdict.Current;
        var after = verdict.Record(answers, options);
        if (answers && after == WorkerHealth.Healthy)
        {
            // Before it is listed as healthy, so that its models are known when the first request looks.
            worker.Models = await ModelList.ReadAsync(http, worker.Destination, options, stopping) ?? worker.Models;
            worker.Trusted();
            if (worker.AwaitsRanks)
            {
                await AskForRanksAsync(worker, options, stopping);
            }
        }

        worker.Health = after;
        if (worker.Learned && after == WorkerHealth.Unhealthy && worker.InFlight == 0)
        {
            // Nobody but the picker vouched for it, and the picker will name it again when it is back.
            _ = pool.Remove(worker.Id);
        }

        if (before == after)
        {
            return;
        }

        if (after == WorkerHealth.Healthy)
        {
            worker.Breaker.WorkerCameBack();
            LogHealthy(worker.Name);
        }
        else if (before == WorkerHealth.Unknown)
        {
            LogAwaited(worker.Name);
        }
        else
        {
            LogUnhealthy(worker.Name);
        }
    }

    private async Task AskForRanksAsync(Worker worker, HealthOptions options, CancellationToken stopping)
    {
        if (await RankDiscovery.CountAsync(http, worker.Destination, options, stopping) is not { } ranks)
        {
            return;
        }

        worker.AwaitsRanks = false;
        if (ranks > 1)
        {
            LogRanks(worker.Name, ranks);
            pool.Split(worker, ranks);
        }
    }

    private async Task<bool> ProbeAsync(Worker worker, HealthOptions options, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(options.Timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, worker.Destination + options.Path);
            Authorize(request, options.ApiKey);
            using var response = await http.SendAsync(request, limit.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception away) when (away is HttpRequestException or IOException || (away is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            if (away is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError })
            {
                worker.Unreachable();
            }

            LogProbeFailed(worker.Name, away.Message);
            return false;
        }
    }

    internal static void Authorize(HttpRequestMessage request, string? apiKey)
    {
        if (apiKey is { Length: > 0 })
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        }
    }

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Worker {Worker} is healthy")]
    private partial void LogHealthy(string worker);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "Worker {Worker} does not answer its health probe and gets no requests")]
    private partial void LogUnhealthy(string worker);

    [LoggerMessage(EventId = 3, Level = LogLevel.Debug, Message = "Health probe of {Worker} failed: {Reason}")]
    private partial void LogProbeFailed(string worker, string reason);

    [LoggerMessage(EventId = 4, Level = LogLevel.Information, Message = "Worker {Worker} is not up yet")]
    private partial void LogAwaited(string worker);

    [LoggerMessage(EventId = 5, Level = LogLevel.Information, Message = "Worker {Worker} has {Ranks} data-parallel ranks")]
    private partial void LogRanks(string worker, int ranks);
}
