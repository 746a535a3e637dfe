using LlmdAspire.EngineModel.Profiles;
using LlmdAspire.EngineModel.Timing;

namespace LlmdAspire.EngineModel.Tests.Profiles;

/// <summary>Times and sizes against numbers worked out by hand from the data sheets.</summary>
public sealed class HardwareTimingTests
{
    private static readonly EngineProfile s_profile = ProfileCatalog.Find("llama31-8b-h100", out _)! with
    {
        Efficiency = new Efficiency(Bandwidth: 1, Compute: 1, Link: 1),
        Overhead = new Overhead(0, 0, 0, 0, MemoryBytes: 0),
    };

    [Fact]
    public void Model_HasItsParameters()
    {
        Assert.Equal(6.979, s_profile.Model.LayerParameters / 1e9, 3);
        Assert.Equal(0.525, s_profile.Model.HeadParameters / 1e9, 3);
        Assert.Equal(16.06, s_profile.WeightBytes(new Deployment()) / 1e9, 2);
        Assert.Equal(131072, s_profile.KvBytesPerToken(new Deployment()));
        Assert.Equal(72.7, ProfileCatalog.Find("llama33-70b-fp8-h200", out _)!.WeightBytes(new Deployment()) / 1e9, 1);
        Assert.Equal(0.6, ProfileCatalog.Find("qwen3-0.6b-l4", out _)!.WeightBytes(new Deployment()) / 2e9, 1);
    }

    [Fact]
    public void Decode_ReadsTheWeightsOnce_AndEachSequencesContext()
    {
        // 15.0 GB and then 131 MB for each 1000 tokens, at 3.35 TB/s.
        Assert.Equal(4.480, Milliseconds(s_profile, new StepWork { Decodes = 1, Sampled = 1 }), 3);
        Assert.Equal(4.480 + 39.126, Milliseconds(s_profile, new StepWork { Decodes = 10, Sampled = 10, ContextTokens = 1_000_000 }), 2);
    }

    [Fact]
    public void Prefill_IsBoundByMultiplications_OnceItIsLong()
    {
        // 2 x 6.98 G x 8000 at 989 TFLOP/s, and 4 x 4096 x 32 for each pair of tokens.
        var work = new StepWork { PrefillTokens = 8000, PrefillPairs = 32_004_000, Sampled = 1 };

        Assert.Equal(112.91 + 16.97, Milliseconds(s_profile, work), 1);
        Assert.Equal(4.480, Milliseconds(s_profile, new StepWork { PrefillTokens = 100, Sampled = 1 }), 3);
    }

    [Fact]
    public void Groups_ShareTheWork_AndPayForTheLink()
    {
        var four = new Deployment { TensorParallelSize = 4 };
        var work = new StepWork { Decodes = 1, Sampled = 1 };

        // A quarter of the weights, 64 all-reduces of 10 us and of 8 KiB x 1.5 at 450 GB/s.
        Assert.Equal((4.480 / 4) + 0.64 + 0.00175, Milliseconds(s_profile, work, four), 3);
        Assert.Equal(131072 / 4, s_profile.KvBytesPerToken(four));
        Assert.Equal(131072 / 8, s_profile.KvBytesPerToken(new Deployment { TensorParallelSize = 16 }));
    }

    [Fact]
    public void SmallerNumbers_HalveWhatIsRead()
    {
        var work = new StepWork { Decodes = 1, Sampled = 1, ContextTokens = 1_000_000 };
        var whole = Milliseconds(s_profile, work);

        Assert.Equal(6.979 / 3.35, whole - Milliseconds(s_profile, work, new Deployment { WeightBits = 8 }), 2);
        Assert.Equal(39.126 / 2, whole - Milliseconds(s_profile, work, new Deployment { KvBits = 8 }), 2);
    }

    [Fact]
    public void KvBlocks_AreWhatIsLeftBesideTheWeights()
    {
        // (79.2 GiB x 0.92 - 16.06 GB) / 2 MiB.
        Assert.InRange(s_profile.KvBlocks(new Deployment(), 16), 29_600, 29_700);
        Assert.Equal(0, s_profile.KvBlocks(new Deployment { GpuMemoryUtilization = 0.1 }, 16));
        Assert.Contains("16.1 GB", s_profile.FindMistake(new Deployment { GpuMemoryUtilization = 0.1 }), StringComparison.Ordinal);
        Assert.Contains("32 attention heads", s_profile.FindMistake(new Deployment { TensorParallelSize = 3 }), StringComparison.Ordinal);
    }

    private static double Milliseconds(EngineProfile profile, StepWork work, Deployment? deployment = null) =>
        profile.Timing(deployment ?? new Deployment()).StepTime(work, new Random(1)).TotalMilliseconds;
}
