using LlmdAspire.EngineModel;

namespace LlmdAspire.Simulator.Ranks;

/// <summary>Chooses a rank for a request that names none, by vLLM's score: what waits counts four times what runs.</summary>
internal static class LeastLoaded
{
    /// <param name="turn">Which of several equal ranks is next.</param>
    public static int Of(ReadOnlySpan<EngineLoad> loads, int turn)
    {
        var best = -1;
        var bestScore = int.MaxValue;
        for (var i = 0; i < loads.Length; i++)
        {
            var rank = (int)(((uint)turn + (uint)i) % (uint)loads.Length);
            var score = (4 * loads[rank].Waiting) + loads[rank].Running;
            if (score < bestScore)
            {
                (best, bestScore) = (rank, score);
            }
        }

        return best;
    }
}
