namespace LlmdAspire.AppHost.Presets;

/// <summary>How many engines of a workstation prefill and how many decode.</summary>
/// <param name="Prefill">Engines that only prefill; 0 when a single engine does both.</param>
/// <param name="Decode">Engines that decode, or do both when none prefills.</param>
internal readonly record struct PrefillDecodeSplit(int Prefill, int Decode)
{
    /// <summary>The split for engines with a GPU each: one does both, two are a pair, more are about one prefill to two decode.</summary>
    /// <remarks>Decode holds a request for as long as it generates, prefill only for as long as it reads the prompt.</remarks>
    public static PrefillDecodeSplit ForGpus(int gpus)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(gpus);

        var prefill = gpus == 1 ? 0 : Math.Max(1, (int)Math.Round(gpus / 3.0));
        return new PrefillDecodeSplit(prefill, gpus - prefill);
    }
}
