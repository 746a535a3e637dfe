using LlmdAspire.EngineModel;
using LlmdAspire.EngineModel.Metrics;
using LlmdAspire.Protocols.Prometheus;

namespace LlmdAspire.Simulator.Metrics;

/// <summary>One family of each type, with a series for each rank.</summary>
internal sealed partial class EngineMetricsText
{
    private void Gauge(string name, string help, Func<EngineLoad, double> value) =>
        Write(name, MetricType.Gauge, help, engine => value(engine.Load));

    private void Counter(string name, string help, Func<EngineMetrics, double> value) =>
        Write(name, MetricType.Counter, help, engine => engine.Read((_, metrics) => value(metrics)));

    private void Write(string name, MetricType type, string help, Func<Engine, double> value)
    {
        _text.WriteFamily(name, type, help);
        foreach (var (engine, labels) in _ranks)
        {
            _text.WriteSample(name, labels, value(engine));
        }
    }

    private void Histogram(string name, string help, Func<EngineMetrics, Histogram> histogram)
    {
        _text.WriteFamily(name, MetricType.Histogram, help);
        foreach (var (engine, labels) in _ranks)
        {
            _ = engine.Read((_, metrics) =>
            {
                var read = histogram(metrics);
                _text.WriteHistogram(name, labels, read.Bounds, read.Counts, read.Sum);
                return true;
            });
        }
    }
}
