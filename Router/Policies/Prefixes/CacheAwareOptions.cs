namespace LlmdAspire.Router.Policies.Prefixes;

/// <summary>Parameters of <c>cache_aware</c>, with vllm-router's defaults.</summary>
internal sealed record CacheAwareOptions
{
    /// <summary>Share of the prompt above which holding it decides.</summary>
    public double Threshold { get; init; } = 0.3;

    /// <summary>Loads are out of balance when the largest is this much above the smallest in requests, and</summary>
    public int BalanceAbsolute { get; init; } = 64;

    /// <summary>above this many times the smallest.</summary>
    public double BalanceRelative { get; init; } = 1.5;

    public TimeSpan EvictionInterval { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Bytes of prompts remembered for each worker.</summary>
    public long MaxTreeSize { get; init; } = 1L << 26;

    /// <summary>Bytes of memory for all workers together, whatever <see cref="MaxTreeSize"/> says.</summary>
    public long MaxMemory { get; init; } = 128L << 20;
}
