namespace LlmdAspire.Router.Workers;

/// <summary>How many data-parallel ranks engines have, as far as flags say.</summary>
/// <param name="Prefill"><c>--prefill-data-parallel-size</c>.</param>
/// <param name="Decode"><c>--decode-data-parallel-size</c>.</param>
/// <param name="Common"><c>--intra-node-data-parallel-size</c>; 1 says nothing, as it is the default.</param>
internal sealed record RankSizes(int? Prefill, int? Decode, int Common)
{
    /// <summary>The size that flags give; null when the engine itself has to tell.</summary>
    public int? Given(WorkerRole role)
    {
        var own = role switch
        {
            WorkerRole.Prefill => Prefill,
            WorkerRole.Decode => Decode,
            _ => null,
        };
        return own ?? (Common > 1 ? Common : null);
    }

    /// <param name="seen">What the engine tells; null when it tells nothing.</param>
    public int Decide(WorkerRole role, int? seen) => Given(role) ?? seen ?? 1;
}
