using BenchmarkDotNet.Attributes;
using LlmdAspire.Benchmarks.Inputs;
using LlmdAspire.Scheduling.Prefix;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Benchmarks.Micro;

/// <summary>One op is one byte of prompt text hashed by the picker's approximate prefix index; the prompt has 32 KiB, about 8k tokens.</summary>
public class PrefixHashing
{
    private const int Bytes = 32 * 1024;

    private readonly InferenceRequest _request = Prompts.Request(Prompts.Text(Bytes, 1));

    /// <summary>64 where engines tell their block size, 16 where they do not.</summary>
    [Params(16, 64)]
    public int BlockTokens { get; set; }

    [Benchmark(OperationsPerInvoke = Bytes)]
    public ulong Hash() => PromptHashes.Of(_request, BlockTokens, int.MaxValue)[^1];
}
