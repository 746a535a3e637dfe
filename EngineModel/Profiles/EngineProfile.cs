using LlmdAspire.EngineModel.Timing;

namespace LlmdAspire.EngineModel.Profiles;

/// <summary>A model on a GPU in hardware terms, from which times and the size of the KV cache follow.</summary>
public sealed record EngineProfile(
    string Name,
    string Description,
    IReadOnlyList<string> DefaultFor,
    ModelShape Model,
    Gpu Gpu,
    Efficiency Efficiency,
    Overhead Overhead,
    TransferLink Transfer)
{
    // vLLM takes the larger batches for GPUs with at least this much memory. It makes an exception for the A100, which no profile here describes.
    private const double LargeGpuBytes = 70.0 * (1 << 30);

    private bool HasLargeGpu => Gpu.MemoryBytes >= LargeGpuBytes;

    /// <summary>vLLM's <c>--max-num-batched-tokens</c> for an API server on this GPU when none is given.</summary>
    public int DefaultMaxBatchedTokens => HasLargeGpu ? 8192 : 2048;

    /// <summary>vLLM's <c>--max-num-seqs</c> on this GPU when none is given.</summary>
    public int DefaultMaxSequences => HasLargeGpu ? 1024 : 256;

    public int WeightBits(Deployment deployment) => deployment.WeightBits ?? Model.WeightBits;

    /// <summary>KV bytes of one token on each GPU.</summary>
    public double KvBytesPerToken(Deployment deployment)
    {
        // Groups larger than the number of KV heads hold each head several times.
        var heads = Math.Max(1.0, (double)Model.KvHeads / deployment.TensorParallelSize);
        return 2 * heads * Model.HeadSize * Model.Layers * (deployment.KvBits ?? Model.KvBits) / 8;
    }

    /// <summary>Bytes of all weights, on all GPUs together.</summary>
    public double WeightBytes(Deployment deployment) => LayerBytes(deployment) + (2 * Model.EmbeddingParameters);

    /// <summary>Bytes of the weights that a step reads: of the input embeddings only a few rows.</summary>
    public double StepWeightBytes(Deployment deployment) => LayerBytes(deployment) + (2 * Model.HeadParameters);

    /// <summary>KV-cache blocks that fit beside the weights; none when not even those fit.</summary>
    public int KvBlocks(Deployment deployment, int blockSize)
    {
        var left = (Gpu.MemoryBytes * deployment.GpuMemoryUtilization) - (WeightBytes(deployment) / deployment.TensorParallelSize) - Overhead.MemoryBytes;
        return (int)Math.Clamp(left / (KvBytesPerToken(deployment) * blockSize), 0, int.MaxValue);
    }

    /// <summary>What keeps the model from being deployed this way, as the end of a sentence; null for nothing.</summary>
    public string? FindMistake(Deployment deployment) =>
        Model.Heads % deployment.TensorParallelSize != 0
            ? $"has {Model.Heads} attention heads, which --tensor-parallel-size {deployment.TensorParallelSize} does not divide"
        : KvBlocks(deployment, 1) == 0
            ? FormattableString.Invariant($"has weights of {WeightBytes(deployment) / 1e9:0.#} GB, which leave no room for a KV cache on {deployment.TensorParallelSize} x {Gpu.Name}; raise --tensor-parallel-size or --gpu-memory-utilization, or give another --profile")
        : null;

    public HardwareTiming Timing(Deployment deployment) => new(this, deployment);

    // Quantization leaves the embeddings and the output layer at 16 bits.
    private double LayerBytes(Deployment deployment) => Model.LayerParameters * WeightBits(deployment) / 8;
}

/// <summary>How a model is deployed on its GPUs.</summary>
public sealed record Deployment
{
    /// <summary>GPUs that share each layer.</summary>
    public int TensorParallelSize { get; init; } = 1;

    /// <summary>Share of each GPU's memory that the engine takes. vLLM's default since 0.20.</summary>
    public double GpuMemoryUtilization { get; init; } = 0.92;

    /// <summary>Bits of a weight; null for the profile's.</summary>
    public int? WeightBits { get; init; }

    /// <summary>Bits of a number in the KV cache; null for the profile's.</summary>
    public int? KvBits { get; init; }
}

/// <summary>A dense transformer's dimensions, as in its config.json.</summary>
public sealed record ModelShape(
    int HiddenSize, int IntermediateSize, int Layers, int Heads, int KvHeads, int HeadSize, int Vocabulary, bool TiesEmbeddings, int WeightBits, int KvBits)
{
    /// <summary>Queries and output, keys and values, and the three matrices of a gated feed-forward, in every layer.</summary>
    public double LayerParameters =>
        (double)Layers * HiddenSize * ((2.0 * Heads * HeadSize) + (2.0 * KvHeads * HeadSize) + (3.0 * IntermediateSize));

    /// <summary>The output layer.</summary>
    public double HeadParameters => (double)Vocabulary * HiddenSize;

    /// <summary>Input embeddings and output layer, which may be one and the same.</summary>
    public double EmbeddingParameters => TiesEmbeddings ? HeadParameters : 2 * HeadParameters;
}

/// <summary>A GPU's data sheet.</summary>
public sealed record Gpu(
    string Name, double MemoryBytes, double BytesPerSecond, double Flops16, double Flops8, double LinkBytesPerSecond, double LinkLatencySeconds)
{
    /// <summary>FLOP/s for weights of so many bits: below 8, weights are unpacked to 16 bits before they are multiplied.</summary>
    public double FlopsAt(int bits) => bits switch { 8 => Flops8, 32 => Flops16 / 2, _ => Flops16 };
}

/// <summary>Which part of a GPU's peaks is reached.</summary>
public sealed record Efficiency(double Bandwidth, double Compute, double Link);

/// <summary>What does not depend on the GPU's speed.</summary>
public sealed record Overhead(double StepSeconds, double SequenceSeconds, double RequestSeconds, double PromptTokenSeconds, double MemoryBytes);

/// <summary>The way to another engine's GPUs, for each GPU.</summary>
public sealed record TransferLink(double BytesPerSecond, double HandshakeSeconds);
