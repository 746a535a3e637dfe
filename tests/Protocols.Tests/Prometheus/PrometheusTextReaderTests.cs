using System.Text;
using LlmdAspire.Protocols.Prometheus;

namespace LlmdAspire.Protocols.Tests.Prometheus;

public sealed class PrometheusTextReaderTests
{
    [Theory]
    [InlineData("up 1", "up[]=1")]
    [InlineData("vllm:num_requests_running{engine=\"0\",model_name=\"m\"} 2.0", "vllm:num_requests_running[engine=0|model_name=m]=2")]
    [InlineData("a{} 1", "a[]=1")]
    [InlineData("a { b = \"c\" , } 1", "a[b=c]=1")]
    [InlineData("a{b=\"x\\\"y\\\\z\\nw\"} 1", "a[b=x\"y\\z\nw]=1")]
    [InlineData("a{b=\"}\",c=\",=\"} 1", "a[b=}|c=,=]=1")]
    [InlineData("a{b=\"世é\"} 1", "a[b=世é]=1")]
    [InlineData("a\t{b=\"c\"}\t1.5e3\t1700000000", "a[b=c]=1500")]
    [InlineData("a_bucket{le=\"+Inf\"} 7 # {trace_id=\"x\"} 0.5", "a_bucket[le=+Inf]=7")]
    [InlineData("a +Inf\nb -Inf\nc NaN\nd inf", "a[]=∞ b[]=-∞ c[]=NaN d[]=∞")]
    [InlineData("a 1\r\nb 2\r\n", "a[]=1 b[]=2")]
    [InlineData("  a 1", "a[]=1")]
    public void Read_Sample(string text, string expected) => Assert.Equal(expected, Show(text));

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("# HELP a b\n# TYPE a counter\n# EOF")]
    [InlineData("a")]
    [InlineData("a ")]
    [InlineData("a one")]
    [InlineData("a{b=\"c\" 1")]
    [InlineData("a{b=\"c} 1")]
    [InlineData("{b=\"c\"} 1")]
    [InlineData("<html>not metrics</html>")]
    [InlineData("a 1x")]
    [InlineData("a +")]
    public void Read_PassesOverWhatIsNoSample(string line) => Assert.Equal("good[]=1", Show(line + "\ngood 1"));

    [Fact]
    public void Label_FindsOneByName()
    {
        foreach (var sample in new PrometheusTextReader("x{a=\"1\",b=\"q\\\"\"} 3"u8))
        {
            Assert.True(sample.Is("x"u8));
            Assert.Equal("1", sample.Label("a"u8));
            Assert.Null(sample.Label("c"u8));
            Assert.True(sample.HasLabel("a"u8, "1"u8));
            Assert.True(sample.HasLabel("b"u8, "q\""u8));
            Assert.False(sample.HasLabel("b"u8, "q"u8));
            Assert.False(sample.HasLabel("c"u8, ""u8));
        }
    }

    [Fact]
    public void Read_AnyBytes_EndsWithoutThrowing()
    {
        var random = new Random(11);
        var letters = "ab{}=\",\\ \n\t#01.eE+-:\u00ff\0"u8.ToArray();
        for (var round = 0; round < 20_000; round++)
        {
            var text = new byte[random.Next(0, 40)];
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = letters[random.Next(letters.Length)];
            }

            foreach (var sample in new PrometheusTextReader(text))
            {
                foreach (var label in sample.Labels)
                {
                    _ = label.Name + label.Value;
                }
            }
        }
    }

    private static string Show(string text)
    {
        var shown = new List<string>();
        foreach (var sample in new PrometheusTextReader(Encoding.UTF8.GetBytes(text)))
        {
            var labels = new List<string>();
            foreach (var label in sample.Labels)
            {
                labels.Add($"{label.Name}={label.Value}");
            }

            var value = double.IsPositiveInfinity(sample.Value) ? "∞" : double.IsNegativeInfinity(sample.Value) ? "-∞" : FormattableString.Invariant($"{sample.Value}");
            shown.Add($"{sample.Name}[{string.Join('|', labels)}]={value}");
        }

        return string.Join(' ', shown);
    }
}
