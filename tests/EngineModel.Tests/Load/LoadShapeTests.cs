using LlmdAspire.EngineModel.Profiles;

namespace LlmdAspire.EngineModel.Tests.Load;

/// <summary>What continuous batching does to throughput and latencies as more requests run at once.</summary>
public sealed class LoadShapeTests
{
    private static readonly int[] s_concurrencies = [1, 4, 16, 64, 256, 1024];

    [Theory]
    [InlineData("llama31-8b-h100", 1)]
    [InlineData("llama33-70b-fp8-h200", 4)]
    [InlineData("llama32-3b-l4", 1)]
    public void Throughput_Saturates_WhileLatenciesGrow(string profile, int gpus)
    {
        var results = s_concurrencies.Select(concurrency => Run(profile, gpus, concurrency)).ToList();
        var throughput = results.Select(result => result.OutputTokensPerSecond).ToList();
        var perToken = results.Select(result => result.MeanTimePerOutputToken).ToList();
        var first = results.Select(result => result.MeanTimeToFirstToken).ToList();

        // Far below saturation nearly in proportion, at the end hardly at all.
        Assert.InRange(throughput[1] / throughput[0], 3, 4);
        Assert.InRange(throughput[^1] / throughput[^2], 0.95, 1.5);
        Assert.All(throughput.Zip(throughput.Skip(1)), pair => Assert.True(pair.Second > pair.First * 0.95));

        // More sequences in a step make it longer, until the batch is full.
        Assert.All(perToken.Zip(perToken.Skip(1)).Take(4), pair => Assert.True(pair.Second > pair.First));

        // Past saturation the wait for the first token grows as the queue does.
        Assert.All(first.Zip(first.Skip(1)), pair => Assert.True(pair.Second > pair.First));
        Assert.True(first[^1] > 2 * first[^2]);
    }

    private static LoadResult Run(string profile, int gpus, int concurrency)
    {
        using var stack = new ModelStack(ProfileCatalog.Find(profile, out _)!, new Deployment { TensorParallelSize = gpus }, prefillRanks: 0, ranks: 1);
        return stack.Run(2 * concurrency, concurrency, input: 500, output: 100);
    }
}
