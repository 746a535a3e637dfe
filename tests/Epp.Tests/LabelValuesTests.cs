using System.Globalization;

namespace LlmdAspire.Epp.Tests;

public sealed class LabelValuesTests
{
    [Fact]
    public void ThousandAreToldApart_AndTheRestIsOther()
    {
        var values = new LabelValues();
        for (var i = 0; i < 1000; i++)
        {
            var name = i.ToString(CultureInfo.InvariantCulture);
            Assert.Equal(name, values.Known(name));
        }

        Assert.Equal(("other", "other", "7"), (values.Known("1000"), values.Known("more"), values.Known("7")));
    }

    [Fact]
    public void LongText_IsNotKept()
    {
        Assert.Equal("other", new LabelValues().Known(new string('m', 257)));
    }
}
