namespace LlmdAspire.Router.Disaggregation;

/// <summary>How the data-parallel rank of a decode leg follows from that of its prefill leg.</summary>
internal enum RankPairing
{
    /// <summary>The same rank.</summary>
    Same,

    /// <summary>The decode policy chooses the engine and the engine its rank.</summary>
    Engine,

    /// <summary>The decode policy chooses any rank.</summary>
    Free,
}

/// <summary>Whether requests run in two stages, and how.</summary>
/// <param name="Enabled">By <c>--vllm-pd-disaggregation</c>; with an endpoint picker its answer decides instead.</param>
/// <param name="Pairing">Null: the same rank where both engines have equally many, else the engine's own choice.</param>
internal sealed record DisaggregationOptions(bool Enabled, RankPairing? Pairing)
{
    /// <summary>The pairing for two engines.</summary>
    public RankPairing For(int prefillRanks, int decodeRanks) =>
        Pairing ?? (prefillRanks == decodeRanks ? RankPairing.Same : RankPairing.Engine);
}
