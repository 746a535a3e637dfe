using LlmdAspire.EngineModel.Profiles;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Simulator.CommandLine;

/// <summary>The hardware that the engine is taken to run on, and how vLLM would use it.</summary>
public sealed partial class SimulatorFlags
{
    private EngineProfile? _profile;

    public Flag<string?> Profile { get; private set; } = null!;

    public Flag<int?> MaxBatchedTokens { get; private set; } = null!;

    public Flag<int> LongPrefillThreshold { get; private set; } = null!;

    public Flag<bool> EnableChunkedPrefill { get; private set; } = null!;

    public Flag<bool> DisableChunkedPrefill { get; private set; } = null!;

    public Flag<double> GpuMemoryUtilization { get; private set; } = null!;

    public Flag<string> DataType { get; private set; } = null!;

    public Flag<string> KvCacheDataType { get; private set; } = null!;

    public Flag<string?> Quantization { get; private set; } = null!;

    /// <summary>The profile in force; null when the one asked for has mistakes.</summary>
    internal EngineProfile? HardwareProfile =>
        _profile ??= Profile.Value is { } asked ? ProfileCatalog.Find(asked, out _) : ProfileCatalog.For(Model);

    internal Deployment Deployment => new()
    {
        TensorParallelSize = TensorParallelSize,
        GpuMemoryUtilization = GpuMemoryUtilization,
        WeightBits = WeightFormat.WeightBits(DataType, Quantization.Value),
        KvBits = WeightFormat.KvBits(KvCacheDataType),
    };

    private void DefineHardware()
    {
        Profile = Define<string?>(
            "profile",
            null,
            $"Hardware that decides how long steps take and how large the KV cache is: {string.Join(", ", ProfileCatalog.Names)}, or a file of your own. By the model when absent, else {ProfileCatalog.Fallback}.");
        MaxBatchedTokens = Define<int?>("max-num-batched-tokens", null, "Tokens that one step computes at most. By the profile's GPU when absent: 8192 from 70 GiB on, else 2048.");
        LongPrefillThreshold = Define("long-prefill-token-threshold", 0, "Prompt tokens of one request that a step computes at most; 0 for no such limit.");
        EnableChunkedPrefill = Define("enable-chunked-prefill", true, "Whether a step may compute a part of a prompt.");
        DisableChunkedPrefill = Define("no-enable-chunked-prefill", false, "The opposite of --enable-chunked-prefill.");
        GpuMemoryUtilization = Define("gpu-memory-utilization", new Deployment().GpuMemoryUtilization, "Share of the GPU's memory for weights and KV cache.");
        DataType = Define("dtype", WeightFormat.Auto, $"Numbers the weights are held in: {string.Join(", ", WeightFormat.DataTypes)}.");
        KvCacheDataType = Define("kv-cache-dtype", WeightFormat.Auto, $"Numbers the KV cache is held in: {string.Join(", ", WeightFormat.KvDataTypes)}.");
        Quantization = Define<string?>("quantization", null, $"How the weights are quantized: {string.Join(", ", WeightFormat.Quantizations)}. As in the profile when absent.", "q");

        Check(Profile, name => name is null || ProfileCatalog.Find(name, out var mistake) is not null ? null : mistake);
        Check(MaxBatchedTokens, AtLeastOneIfGiven);
        Check(LongPrefillThreshold, value => value < 0 ? "must be at least 0" : null);
        Check(GpuMemoryUtilization, share => share is > 0 and <= 1 ? null : "must be above 0 and at most 1");
        Check(DataType, name => OneOf(name, WeightFormat.DataTypes));
        Check(KvCacheDataType, name => OneOf(name, WeightFormat.KvDataTypes));
        Check(Quantization, name => name is null ? null : OneOf(name, WeightFormat.Quantizations));
    }

    private IEnumerable<string> FindHardwareMistakes()
    {
        if (HardwareProfile is { } profile && (Blocks.Value is null || profile.Model.Heads % TensorParallelSize != 0) && profile.FindMistake(Deployment) is { } mistake)
        {
            yield return $"Profile {profile.Name} {mistake}.";
        }

        if (MaxBatchedTokens.Value < MaxSequences.Value)
        {
            yield return $"--max-num-batched-tokens is {MaxBatchedTokens.Value}, less than --max-num-seqs {MaxSequences.Value}; each sequence takes a token of a step.";
        }

        if (DisableChunkedPrefill && MaxBatchedTokens.Value < MaxModelLength)
        {
            yield return $"--max-num-batched-tokens is {MaxBatchedTokens.Value}, less than --max-model-len {MaxModelLength.Value}; without chunked prefill a step must hold a whole prompt.";
        }
    }

    private static string? OneOf(string value, IReadOnlyList<string> names) => names.Contains(value) ? null : $"must be one of {string.Join(", ", names)}";
}
