using System.Text.Json;
using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Prefix;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Epp.Indexer;

/// <summary>Reads the answer of <c>POST /v1/score</c>: <c>{"block_size":16,"tokens":64,"blocks":4,"matches":[{"endpoint":"http://…@0","blocks":3,"score":3.0}]}</c>.</summary>
internal static class ScoreReply
{
    /// <summary>What it says about these endpoints, or null when it is no such answer.</summary>
    /// <param name="took">How long the answer was waited for.</param>
    public static PrefixMatches? Read(ReadOnlyMemory<byte> body, ReadOnlySpan<EngineEndpoint> endpoints, TimeSpan took)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            var slots = 0;
            foreach (var endpoint in endpoints)
            {
                slots = Math.Max(slots, endpoint.Slot + 1);
            }

            var blocks = new int[slots];
            var weights = new double[slots];
            foreach (var match in root.GetProperty("matches").EnumerateArray())
            {
                if (EndpointId.TryParse(match.GetProperty("endpoint").GetString(), out var id, out _) && Find(endpoints, id) is { } endpoint)
                {
                    blocks[endpoint.Slot] = match.GetProperty("blocks").GetInt32();
                    weights[endpoint.Slot] = match.TryGetProperty("score", out var score) ? score.GetDouble() : blocks[endpoint.Slot];
                }
            }

            return new PrefixMatches(
                root.GetProperty("block_size").GetInt32(), root.GetProperty("blocks").GetInt32(), root.GetProperty("tokens").GetInt32(), blocks, weights) { Source = "indexer", LookupTime = took };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    // An endpoint of one rank is named with @0 by some and without by others.
    private static EngineEndpoint? Find(ReadOnlySpan<EngineEndpoint> endpoints, EndpointId id)
    {
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Id == id || (endpoint.Id.Rank ?? 0, id.Rank ?? 0) == (0, 0) && endpoint.Id.WithoutRank() == id.WithoutRank())
            {
                return endpoint;
            }
        }

        return null;
    }
}
