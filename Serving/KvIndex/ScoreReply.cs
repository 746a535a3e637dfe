using System.Text.Json;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Serving.KvIndex;

/// <summary>The answer of <c>POST /v1/score</c>: <c>{"block_size":16,"tokens":64,"blocks":4,"matches":[{"endpoint":"http://…@0","blocks":3,"score":3.0}]}</c>.</summary>
/// <param name="Tokens">Of the whole prompt.</param>
/// <param name="Blocks">Of the whole prompt.</param>
public sealed record ScoreReply(int BlockSize, int Tokens, int Blocks, IReadOnlyList<ScoreMatch> Matches)
{
    /// <summary>How long the answer was waited for.</summary>
    public TimeSpan Took { get; init; }

    /// <summary>Reads an answer; null when it is none.</summary>
    public static ScoreReply? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            var matches = new List<ScoreMatch>();
            foreach (var match in root.GetProperty("matches").EnumerateArray())
            {
                if (EndpointId.TryParse(match.GetProperty("endpoint").GetString(), out var id, out _))
                {
                    var blocks = match.GetProperty("blocks").GetInt32();
                    matches.Add(new(id, blocks, match.TryGetProperty("score", out var score) ? score.GetDouble() : blocks));
                }
            }

            return new(root.GetProperty("block_size").GetInt32(), root.GetProperty("tokens").GetInt32(), root.GetProperty("blocks").GetInt32(), matches);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}

/// <summary>What one endpoint holds.</summary>
/// <param name="Score">Blocks weighted by how fast their tier is.</param>
public readonly record struct ScoreMatch(EndpointId Endpoint, int Blocks, double Score)
{
    /// <summary>Whether this is said of an endpoint: one of one rank is named with <c>@0</c> by some and without by others.</summary>
    public bool IsOf(EndpointId endpoint) =>
        Endpoint == endpoint || ((Endpoint.Rank ?? 0, endpoint.Rank ?? 0) == (0, 0) && Endpoint.WithoutRank() == endpoint.WithoutRank());
}
