using System.Globalization;
using System.Text.Json;
using LlmdAspire.Dashboard.Metrics;
using LlmdAspire.Dashboard.State;

namespace LlmdAspire.Dashboard.Sources;

/// <summary>Looks once at every source, at all of them at the same time. One look at a time.</summary>
internal sealed class StackReader(DashboardTargets targets, SourceClient client, TimeProvider clock)
{
    private IReadOnlyList<Worker> _workers = [];
    private IReadOnlyList<string> _models = [];

    public async Task<StackReading> ReadAsync(CancellationToken cancellation)
    {
        var requests = GetRouterAsync($"/requests?limit={RequestRow.MaxCount}", cancellation);
        var metrics = GetRouterAsync("/metrics", cancellation);
        var epp = ReadEppAsync(cancellation);
        var indexer = ReadIndexerAsync(cancellation);
        var workers = await GetRouterAsync("/workers", cancellation);
        if (workers.TryReadJson(out var list, out var workersAway))
        {
            _workers = Worker.ReadList(list);
            // Not by /v1/models: that question travels on to an engine and would count as a request.
            _models = Worker.ReadModels(list);
        }

        var readings = await ReadWorkersAsync(_workers, cancellation);
        var rows = (await requests).TryReadJson(out var recent, out var requestsAway) ? RequestRow.ReadList(recent) : [];
        var router = workersAway is { } away
            ? SourceState.Away("router", targets.Router, away)
            : SourceState.Up("router", targets.Router, detail: requestsAway is null ? null : $"{requestsAway}, so recent requests are unknown");
        return new StackReading(
            clock.GetUtcNow(),
            [.. new[] { router, await epp, await indexer }.OfType<SourceState>()],
            readings,
            rows,
            _models,
            await metrics is { IsUp: true } page
                ? MetricsReading.From(page.Body, RouterMetrics.Values, RouterMetrics.Histograms)
                : null);
    }

    /// <summary>Why a request went where it went, or why that is not known.</summary>
    public async Task<(Explanation? Explanation, string? Missing)> ExplainAsync(string requestId, CancellationToken cancellation)
    {
        var answer = await GetRouterAsync($"/explain/{Uri.EscapeDataString(requestId)}", cancellation);
        if (answer.Status == 404)
        {
            return (null, "The Router no longer remembers how it decided this request.");
        }

        return answer.TryReadJson(out var json, out var away)
            ? (Explanation.Read(requestId, json), null)
            : (null, $"The Router {away}.");
    }

    private async Task<IReadOnlyList<WorkerReading>> ReadWorkersAsync(IReadOnlyList<Worker> workers, CancellationToken cancellation)
    {
        // Ranks of one engine share one page of metrics.
        var pages = workers.Select(worker => worker.Address).Distinct()
            .ToDictionary(address => address, address => client.GetAsync(new Uri(address, "/metrics"), bearer: null, cancellation));
        var readings = new List<WorkerReading>(workers.Count);
        foreach (var worker in workers)
        {
            var page = await pages[worker.Address];
            readings.Add(page.IsUp
                ? new WorkerReading(
                    worker, MetricsReading.From(page.Body, EngineMetrics.Values, EngineMetrics.Histograms, worker.Rank), Away: null)
                : new WorkerReading(worker, Metrics: null, page.Away));
        }

        return readings;
    }

    private async Task<SourceState?> ReadEppAsync(CancellationToken cancellation)
    {
        if (targets.EppMetrics is not { } url)
        {
            return null;
        }

        var answer = await client.GetAsync(url.AbsolutePath == "/" ? new Uri(url, "/metrics") : url, bearer: null, cancellation);
        return answer.IsUp
            ? SourceState.Up("epp", url, new Dictionary<string, string>
            {
                ["metrics"] = MetricsReading.CountNames(answer.Body).ToString(CultureInfo.InvariantCulture),
            })
            : SourceState.Away("epp", url, answer.Away ?? "said nothing");
    }

    private async Task<SourceState?> ReadIndexerAsync(CancellationToken cancellation)
    {
        if (targets.KvIndexer is not { } url)
        {
            return null;
        }

        var answer = await client.GetAsync(new Uri(url, "/v1/endpoints"), bearer: null, cancellation);
        return answer.TryReadJson(out var json, out var away)
            ? SourceState.Up("kv-indexer", url, new Dictionary<string, string>
            {
                ["endpoints"] = Count(json, _ => true),
                ["trusted"] = Count(json, endpoint => endpoint.Truth("trusted") ?? false),
            })
            : SourceState.Away("kv-indexer", url, away);

        static string Count(JsonElement json, Func<JsonElement, bool> which) =>
            json.Elements("endpoints").Count(which).ToString(CultureInfo.InvariantCulture);
    }

    private Task<SourceAnswer> GetRouterAsync(string path, CancellationToken cancellation) =>
        client.GetAsync(new Uri(targets.Router, path), targets.AdminKey, cancellation);
}
