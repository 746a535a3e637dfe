using LlmdAspire.EngineModel.Profiles;

namespace LlmdAspire.EngineModel.Tests.Load;

/// <summary>A published run: eight prefill and eight decode ranks of Llama 3.1 8B, 100 requests of 2000 and 2000 tokens, 32 at once.</summary>
public sealed class SplitLoadTests
{
    [Fact]
    public void Profile_GivesThePublishedThroughputAndLatencies()
    {
        using var stack = new ModelStack(ProfileCatalog.Find("llama31-8b-h100", out _)!, new Deployment(), prefillRanks: 8, ranks: 8);
        var result = stack.Run(requests: 100, concurrency: 32, input: 2000, output: 2000);

        AssertWithin5Percent(3458, result.OutputTokensPerSecond);
        AssertWithin5Percent(0.280, result.MeanTimeToFirstToken);
        AssertWithin5Percent(0.00725, result.MeanTimePerOutputToken);
        AssertWithin5Percent(57.83, result.Seconds);
    }

    private static void AssertWithin5Percent(double expected, double actual) => Assert.InRange(actual, expected * 0.95, expected * 1.05);
}
