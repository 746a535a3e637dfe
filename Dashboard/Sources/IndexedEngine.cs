using System.Text.Json;

namespace LlmdAspire.Dashboard.Sources;

/// <summary>How well the KvIndexer follows an engine, as its <c>GET /v1/endpoints</c> tells.</summary>
/// <param name="Trusted">False while blocks from before lost events still count.</param>
/// <param name="Connected">The line to the engine's events stands.</param>
/// <param name="LagSeconds">Age of the last batch of events when it arrived.</param>
/// <param name="Blocks">KV blocks it is known to hold.</param>
public sealed record IndexedEngine(bool? Trusted, bool? Connected, double? LagSeconds, double? Blocks, double? Gaps, double? Restarts)
{
    /// <summary>By endpoint.</summary>
    internal static IReadOnlyDictionary<string, IndexedEngine> ReadList(JsonElement json)
    {
        var engines = new Dictionary<string, IndexedEngine>();
        foreach (var entry in json.Elements("endpoints").Take(Worker.MaxCount))
        {
            if (entry.Text("endpoint") is { } endpoint)
            {
                engines[endpoint] = new IndexedEngine(
                    entry.Truth("trusted"), entry.Truth("connected"), entry.Number("lag_seconds"), entry.Number("blocks"), entry.Number("gaps"), entry.Number("restarts"));
            }
        }

        return engines;
    }
}
