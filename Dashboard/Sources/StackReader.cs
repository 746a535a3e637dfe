using LlmdAspire.Dashboard.Metrics;
using LlmdAspire.Dashboard.State;

namespace LlmdAspire.Dashboard.Sources;

/// <summary>Looks once at every source, at all of them at the same time. One look at a time.</summary>
internal sealed class StackReader(DashboardTargets targets, SourceClient client, PickerReader picker, IndexerReader indexer, TimeProvider clock)
{
    private IReadOnlyList<Worker> _workers = [];
    private IReadOnlyList<string> _models = [];

    public async Task<StackReading> ReadAsync(CancellationToken cancellation)
    {
        var requests = GetRouterAsync($"/requests?limit={RequestRow.MaxCount}", cancellation);
        var metrics = GetRouterAsync("/metrics", cancellation);
        var asking = picker.ReadAsync(cancellation);
        var indexing = indexer.ReadAsync(cancellation);
        var aspire = ReadAspireAsync(cancellation);
        var workers = await GetRouterAsync("/workers", cancellation);
        if (workers.TryReadJson(out var list, out var workersAway))
        {
            _workers = Worker.ReadList(list);
            // Not by /v1/models: that question travels on to an engine and would count as a request.
            _models = Worker.ReadModels(list);
        }

        var pickerSource = await asking;
        var (indexerSource, indexed) = await indexing;
        var engines = ReadEnginesAsync(Fleet.Merge(_workers, picker.Endpoints, indexed), cancellation);
        var rows = (await requests).TryReadJson(out var recent, out var requestsAway) ? RequestRow.ReadList(recent) : [];
        var decisions = await picker.DecisionsAsync(rows, cancellation);
        var router = workersAway is { } away
            ? SourceState.Away(SourceState.RouterName, targets.Router, away)
            : SourceState.Up(SourceState.RouterName, targets.Router, detail: requestsAway is null ? null : $"{requestsAway}, so recent requests are unknown");
        return new StackReading(
            clock.GetUtcNow(),
            [.. new[] { router, pickerSource, indexerSource, await aspire }.OfType<SourceState>()],
            await engines,
            rows,
            _models,
            await metrics is { IsUp: true } page
                ? MetricsReading.From(page.Body, RouterMetrics.Values, RouterMetrics.Histograms)
                : null)
        {
            Decisions = decisions,
        };
    }

    private async Task<IReadOnlyList<WorkerReading>> ReadEnginesAsync(IReadOnlyList<FleetMember> engines, CancellationToken cancellation)
    {
        // Ranks of one engine share one page of metrics.
        var pages = engines.Select(engine => engine.Worker.Address).Distinct()
            .ToDictionary(address => address, address => client.GetAsync(new Uri(address, "/metrics"), bearer: null, cancellation));
        var readings = new List<WorkerReading>(engines.Count);
        foreach (var (worker, candidate, index) in engines)
        {
            var page = await pages[worker.Address];
            var reading = page.IsUp
                ? new WorkerReading(
                    worker, MetricsReading.From(page.Body, EngineMetrics.Values, EngineMetrics.Histograms, worker.Rank), Away: null)
                : new WorkerReading(worker, Metrics: null, page.Away);
            readings.Add(reading with { Candidate = candidate, Index = index });
        }

        return readings;
    }

    // Only whether it is there: the page links to it.
    private async Task<SourceState?> ReadAspireAsync(CancellationToken cancellation)
    {
        if (targets.AspireDashboard is not { } url)
        {
            return null;
        }

        var answer = await client.GetAsync(new Uri(url, "/favicon.ico"), bearer: null, cancellation);
        return answer.Status is null
            ? SourceState.Away(SourceState.AspireDashboard, url, "is not running; to see traces and logs, install the Aspire CLI (npm install -g @microsoft/aspire-cli) and start the stack again")
            : SourceState.Up(SourceState.AspireDashboard, url);
    }

    private Task<SourceAnswer> GetRouterAsync(string path, CancellationToken cancellation) =>
        client.GetAsync(new Uri(targets.Router, path), targets.AdminKey, cancellation);
}
