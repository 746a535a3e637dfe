using System.Globalization;
using System.Numerics;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Engines;

namespace LlmdAspire.Simulator.Ranks;

/// <summary>The rank that serves a request.</summary>
/// <param name="IsSure">Whether a caller can know it: because it asked for it, or because there is only one.</param>
internal readonly record struct RankPlace(EngineRank Rank, bool IsSure)
{
    private const string Header = "X-data-parallel-rank";

    /// <summary>vLLM's error for a rank that does not exist; what is no number is ignored.</summary>
    public static OpenAiError? FindMistake(HttpContext context, ServedEngine engine) =>
        Asked(context) is { } rank && (rank < 0 || rank >= engine.Ranks.Count)
            ? OpenAiError.BadRequest($"data_parallel_rank {rank} is out of range [0, {engine.Ranks.Count}).")
            : null;

    /// <summary>The rank asked for, else the least loaded one. Call it once <see cref="FindMistake"/> found none.</summary>
    public static RankPlace Of(HttpContext context, ServedEngine engine) =>
        Asked(context) is { } rank ? new RankPlace(engine.Ranks[rank], IsSure: true)
        : new RankPlace(engine.Ranks[LeastLoaded.Of([.. engine.Ranks.Select(candidate => candidate.Engine.Load)], engine.NextTurn())], IsSure: engine.Ranks.Count == 1);

    // A number of any length is a number, as in Python.
    private static int? Asked(HttpContext context) =>
        BigInteger.TryParse(context.Request.Headers[Header], NumberStyles.Integer, CultureInfo.InvariantCulture, out var rank)
            ? (int)BigInteger.Clamp(rank, -1, int.MaxValue) : null;
}
