using System.Globalization;
using LlmdAspire.Dashboard.State;

namespace LlmdAspire.Dashboard.Sources;

/// <summary>Reads the KvIndexer: whether it is there and how well it follows each engine.</summary>
internal sealed class IndexerReader(DashboardTargets targets, SourceClient client)
{
    private static readonly Dictionary<string, IndexedEngine> s_none = [];

    /// <summary>Looks once; no source when there is no indexer to look at.</summary>
    public async Task<(SourceState? Source, IReadOnlyDictionary<string, IndexedEngine> Engines)> ReadAsync(CancellationToken cancellation)
    {
        if (targets.KvIndexer is not { } url)
        {
            return (null, s_none);
        }

        var answer = await client.GetAsync(new Uri(url, "/v1/endpoints"), bearer: null, cancellation);
        if (!answer.TryReadJson(out var json, out var away))
        {
            // What it said of an engine before is stale within a second, so nothing is kept.
            return (SourceState.Away(SourceState.Indexer, url, away), s_none);
        }

        var engines = IndexedEngine.ReadList(json);
        return (SourceState.Up(SourceState.Indexer, url, new Dictionary<string, string>
        {
            ["endpoints"] = Text(engines.Count),
            ["trusted"] = Text(engines.Values.Count(engine => engine.Trusted == true)),
        }), engines);
    }

    private static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);
}
