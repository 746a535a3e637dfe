using LlmdAspire.EngineModel;
using LlmdAspire.EngineModel.Timing;
using LlmdAspire.Serving.Blocks.EngineHashes;
using LlmdAspire.Simulator.CommandLine;

namespace LlmdAspire.Simulator.Engines;

/// <summary>What the flags make of an engine's shape and times.</summary>
internal static class EngineSetup
{
    public static EngineOptions Options(SimulatorFlags flags, int index, EngineBlockHasher? hasher)
    {
        var profile = flags.HardwareProfile!;
        var chunks = flags.EnableChunkedPrefill && !flags.DisableChunkedPrefill;

        // As in vLLM: whole prompts must fit into a step that may not hold parts of them, and each sequence of a step takes a token of it.
        var tokens = flags.MaxBatchedTokens.Value ?? (chunks ? profile.DefaultMaxBatchedTokens : Math.Max(profile.DefaultMaxBatchedTokens, flags.MaxModelLength));
        return new EngineOptions
        {
            MaxSequences = flags.MaxSequences.Value ?? Math.Min(profile.DefaultMaxSequences, tokens),
            MaxBatchedTokens = tokens,
            MaxAdapters = flags.MaxLoras,
            LongPrefillThreshold = flags.LongPrefillThreshold,
            ChunksPrefills = chunks,
            BlockSize = flags.BlockSize,
            Blocks = flags.Blocks.Value ?? profile.KvBlocks(flags.Deployment, flags.BlockSize),
            PrefixHasher = hasher,
            LeaseDuration = flags.KvTransfer?.LeaseDuration ?? TimeSpan.FromSeconds(30),
            TimeScale = flags.TimeScale,
            MaxModelLength = flags.MaxModelLength,
            Seed = unchecked((int)flags.Seed.Value + (index * flags.DataParallelSize)),
        };
    }

    /// <summary>Step times from the hardware profile, unless any of them is given as such.</summary>
    public static ITimingModel Timing(SimulatorFlags flags, HardwareTiming hardware)
    {
        var byTokens = flags.LatencyCalculator == SimulatorFlags.PerTokenLatencies;
        var byCall = flags.LatencyCalculator == SimulatorFlags.ConstantLatencies;
        var transfer = hardware.Transfer with
        {
            Latency = byTokens ? TimeSpan.Zero : flags.KvTransferLatency,
            LatencyDeviation = flags.KvTransferLatencyDeviation,
            TimePerToken = byCall ? TimeSpan.Zero : flags.KvTransferTimePerToken,
            TimeDeviation = flags.KvTransferTimeDeviation,
        };
        return !flags.GivesLatencies ? hardware with { Transfer = transfer } : new Latencies
        {
            TimeToFirstToken = byTokens ? TimeSpan.Zero : flags.TimeToFirstToken,
            TimeToFirstTokenDeviation = flags.TimeToFirstTokenDeviation,
            PrefillOverhead = byCall ? TimeSpan.Zero : flags.PrefillOverhead,
            PrefillTimePerToken = byCall ? TimeSpan.Zero : flags.PrefillTimePerToken,
            PrefillDeviation = flags.PrefillDeviation,
            InterTokenLatency = flags.InterTokenLatency,
            InterTokenDeviation = flags.InterTokenDeviation,
            FactorUnderLoad = flags.TimeFactorUnderLoad,
            Transfer = transfer,
        };
    }
}
