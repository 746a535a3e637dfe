using LlmdAspire.Scheduling.Endpoints;

namespace LlmdAspire.Scheduling.Saturation;

/// <summary>What filters by load have in common: full engines are better than none.</summary>
internal static class Filtering
{
    /// <summary>Moves those that pass to the front, in their order, and returns how many stay: all where none passes.</summary>
    public static int KeepOrAll(Span<EngineEndpoint> candidates, Func<EngineEndpoint, bool> passes)
    {
        var kept = 0;
        foreach (var candidate in candidates)
        {
            if (passes(candidate))
            {
                candidates[kept++] = candidate;
            }
        }

        // Nothing was moved then.
        return kept == 0 ? candidates.Length : kept;
    }
}
