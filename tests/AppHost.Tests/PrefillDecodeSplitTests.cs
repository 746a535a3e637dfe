using LlmdAspire.AppHost.Presets;

namespace LlmdAspire.AppHost.Tests;

public sealed class PrefillDecodeSplitTests
{
    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(3, 1, 2)]
    [InlineData(4, 1, 3)]
    [InlineData(6, 2, 4)]
    [InlineData(8, 3, 5)]
    public void ForGpus_OneDoesBoth_TwoAreAPair_MoreAreAboutOneToTwo(int gpus, int prefill, int decode)
    {
        Assert.Equal(new PrefillDecodeSplit(prefill, decode), PrefillDecodeSplit.ForGpus(gpus));
    }
}
