using LlmdAspire.Bench.Client;
using LlmdAspire.Bench.Results;

namespace LlmdAspire.Bench.Tests.Results;

public sealed class GoodputTests
{
    [Theory]
    [InlineData("ttft:200", true)] // A limit that is met exactly is kept.
    [InlineData("ttft:199.9", false)]
    [InlineData("tpot:100", true)]
    [InlineData("tpot:99", false)]
    [InlineData("e2el:500", true)]
    [InlineData("e2el:499", false)]
    [InlineData("ttft:200 tpot:100 e2el:1", false)] // All must be kept.
    public void Limits_AreKeptOrNot(string limits, bool isGood)
    {
        Assert.Null(Goodput.Read(limits.Split(' '), out var goodput));

        Assert.Equal(isGood, goodput.IsKeptBy(new RequestOutcome { Success = true, TimeToFirstToken = 0.2, Latency = 0.5, OutputTokens = 4 }));
    }

    [Fact]
    public void AnswerOfOneToken_KeepsAnyTimePerFurtherToken()
    {
        _ = Goodput.Read(["tpot:0"], out var goodput);

        Assert.True(goodput.IsKeptBy(new RequestOutcome { Success = true, TimeToFirstToken = 1, Latency = 1, OutputTokens = 1 }));
    }
}
