using System.Buffers;
using System.Text;
using LlmdAspire.Protocols.Prometheus;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Protocols.Tests.Prometheus;

public sealed class PrometheusTextWriterTests
{
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly PrometheusTextWriter _writer;

    public PrometheusTextWriterTests() => _writer = new PrometheusTextWriter(_buffer);

    private string Text => Encoding.UTF8.GetString(_buffer.WrittenSpan);

    [Fact]
    public void Write_FamilyAndSamples()
    {
        _writer.WriteFamily("requests_total", MetricType.Counter, "Requests.");
        _writer.WriteSample("requests_total", [new("path", "/x"), new("status", "200")], 3);
        _writer.WriteSample("requests_total", 0.5);

        Assert.Equal(
            "# HELP requests_total Requests.\n# TYPE requests_total counter\nrequests_total{path=\"/x\",status=\"200\"} 3\nrequests_total 0.5\n", Text);
    }

    [Fact]
    public void Write_Histogram_Cumulates()
    {
        _writer.WriteFamily("wait", MetricType.Histogram, "");
        _writer.WriteHistogram("wait", [new("a", "b")], [0.1, 2.5], [1, 0, 2], 7.25);

        Assert.Equal(
            "# TYPE wait histogram\n"
            + "wait_bucket{a=\"b\",le=\"0.1\"} 1\nwait_bucket{a=\"b\",le=\"2.5\"} 1\nwait_bucket{a=\"b\",le=\"+Inf\"} 3\n"
            + "wait_sum{a=\"b\"} 7.25\nwait_count{a=\"b\"} 3\n",
            Text);
    }

    [Fact]
    public void Write_Histogram_CountsThatDoNotFit_Throw() =>
        Assert.Throws<ArgumentException>(() => _writer.WriteHistogram("wait", [], [1], [1], 0));

    [Fact]
    public void Write_EscapesHelpAndLabelValuesEachInItsWay()
    {
        _writer.WriteFamily("a", MetricType.Gauge, "back\\slash \"quote\"\nline");
        _writer.WriteSample("a", [new("b", "back\\slash \"quote\"\nline")], 1);

        Assert.Equal(
            "# HELP a back\\\\slash \"quote\"\\nline\n# TYPE a gauge\na{b=\"back\\\\slash \\\"quote\\\"\\nline\"} 1\n", Text);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-1.5, "-1.5")]
    [InlineData(1e21, "1E+21")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(double.NaN, "NaN")]
    public void Write_Numbers(double value, string expected)
    {
        _writer.WriteSample("a", value);

        Assert.Equal($"a {expected}\n", Text);
    }

    [Fact]
    public void WrittenText_ReadsBackTheSame()
    {
        var random = new Random(3);
        var expected = new List<(string Label, double Value)>();
        for (var i = 0; i < 500; i++)
        {
            var label = new string([.. Enumerable.Range(0, random.Next(0, 12)).Select(_ => "ab\"\\\n{},=é世 "[random.Next(12)])]);
            var value = BitConverter.Int64BitsToDouble(random.NextInt64());
            expected.Add((label, value));
            _writer.WriteSample("a", [new("b", label)], value);
        }

        var read = new List<(string Label, double Value)>();
        foreach (var sample in new PrometheusTextReader(_buffer.WrittenSpan))
        {
            read.Add((sample.Label("b"u8)!, sample.Value));
        }

        Assert.Equal(expected, read);
    }

    [Fact]
    public async Task WrittenText_IsWhatPromtoolReads()
    {
        Assert.SkipWhen(Promtool.Missing is not null, Promtool.Missing ?? "");
        _writer.WriteFamily("vllm:requests_total", MetricType.Counter, "Quotes \" and \\ and\nlines.");
        _writer.WriteSample("vllm:requests_total", [new("model_name", "a\"b\\c\nd é世")], 1e300);
        _writer.WriteFamily("x_seconds", MetricType.Histogram, "");
        _writer.WriteHistogram("x_seconds", [], [0.001, 1], [1, 2, 3], double.NaN);
        _writer.WriteFamily("y", MetricType.Untyped, "");
        _writer.WriteSample("y", double.NegativeInfinity);

        Assert.Null(await Promtool.FindParseErrorAsync(Text));
    }

    [Fact]
    public void Write_AllocatesNothing()
    {
        MetricLabel[] labels = [new("path", "/v1/chat/completions"), new("status", "200")];
        double[] bounds = [0.1, 1];
        long[] counts = [1, 2, 3];
        Write();
        _buffer.ResetWrittenCount();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Write();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Write()
        {
            _writer.WriteFamily("x_seconds", MetricType.Histogram, "Time.");
            for (var i = 0; i < 50; i++)
            {
                _writer.WriteHistogram("x_seconds", labels, bounds, counts, 1.5);
                _writer.WriteSample("y", labels, i);
            }
        }
    }
}
