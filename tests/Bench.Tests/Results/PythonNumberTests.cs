using LlmdAspire.Bench.Results;

namespace LlmdAspire.Bench.Tests.Results;

/// <summary>Expected texts come from Python 3.11.</summary>
public sealed class PythonNumberTests
{
    [Theory]
    [InlineData(0.125, "0.125", "0.12")]
    [InlineData(0.375, "0.375", "0.38")]
    [InlineData(2.675, "2.675", "2.67")]
    [InlineData(1.005, "1.005", "1.00")]
    [InlineData(0, "0.0", "0.00")]
    [InlineData(1e-05, "1e-05", "0.00")]
    [InlineData(123456789.125, "123456789.125", "123456789.12")]
    [InlineData(10, "10.0", "10.00")]
    [InlineData(0.1, "0.1", "0.10")]
    [InlineData(1.0 / 3, "0.3333333333333333", "0.33")]
    [InlineData(2.5e-07, "2.5e-07", "0.00")]
    [InlineData(double.PositiveInfinity, "inf", null)]
    public void Texts_ArePythons(double value, string repr, string? twoDecimals)
    {
        Assert.Equal(repr, PythonNumber.Repr(value));
        if (twoDecimals is not null)
        {
            Assert.Equal(twoDecimals, PythonNumber.TwoDecimals(value));
        }
    }
}
