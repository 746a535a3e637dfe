using LlmdAspire.Protocols.Grpc;

namespace LlmdAspire.Protocols.Tests.Grpc;

public sealed class GrpcTimeoutTests
{
    public static TheoryData<TimeSpan, string> Texts => new()
    {
        { TimeSpan.FromMilliseconds(250), "250000u" },
        { TimeSpan.FromTicks(1), "100n" },
        { TimeSpan.FromMilliseconds(9), "9000000n" },
        { TimeSpan.FromSeconds(30), "30000000u" },
        { TimeSpan.FromSeconds(1000), "1000000m" },
        { TimeSpan.FromDays(2), "172800S" },
        { TimeSpan.FromDays(365 * 100), "52560000M" },
        { TimeSpan.MaxValue, "99999999H" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Format_TakesTheFinestUnitThatFits(TimeSpan timeout, string text)
    {
        Assert.Equal(text, GrpcTimeout.Format(timeout));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Parse_GivesBackWhatFormatWrote_OrSlightlyMore(TimeSpan timeout, string text)
    {
        Assert.True(GrpcTimeout.TryParse(text, out var parsed));

        if (timeout != TimeSpan.MaxValue)
        {
            Assert.Equal(timeout, parsed);
        }
    }

    [Fact]
    public void Format_RoundsUp_SoThatNoDeadlineComesEarly()
    {
        Assert.Equal("100001m", GrpcTimeout.Format(TimeSpan.FromSeconds(100) + TimeSpan.FromTicks(1)));
        Assert.Equal("100n", GrpcTimeout.Format(TimeSpan.FromSeconds(-3)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("S")]
    [InlineData("123456789S")]
    [InlineData("-5S")]
    [InlineData("5s")]
    [InlineData("5 S")]
    [InlineData("1.5S")]
    public void Parse_RefusesAnythingElse(string text)
    {
        Assert.False(GrpcTimeout.TryParse(text, out _));
    }
}
