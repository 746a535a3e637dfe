using System.Buffers;
using System.Diagnostics.Metrics;
using LlmdAspire.Protocols.Prometheus;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.ServiceDefaults.Metrics;

/// <summary>Keeps the current values of all instruments of this process and writes them as Prometheus text.</summary>
/// <remarks>
/// Listens to every meter except those that belong to another application in the same process (another meter factory).
/// Recording is lock-free and allocates only for a label set seen for the first time. Memory is bounded by <see cref="MetricFamily.MaxSeries"/>
/// per instrument name.
/// </remarks>
internal sealed partial class MetricRegistry : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly IMeterFactory _own;
    private readonly ILogger<MetricRegistry> _logger;
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    // Two locks: an observer runs inside a collection, and must not wait for whoever publishes an instrument meanwhile.
    private readonly Lock _collecting = new();
    private readonly Lock _lock = new();
    private long _generation;

    public MetricRegistry(IMeterFactory own, ILogger<MetricRegistry> logger)
    {
        _own = own;
        _logger = logger;
        _listener.InstrumentPublished = Publish;
        _listener.MeasurementsCompleted = (_, state) => Forget((Binding)state!);
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, state) => Record((double)value, tags, state));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => Record(value, tags, state));
        _listener.SetMeasurementEventCallback<decimal>((_, value, tags, state) => Record((double)value, tags, state));
        _listener.Start();
    }

    /// <summary>Asks the observable instruments and writes everything.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new PrometheusTextWriter(output);
        lock (_collecting)
        {
            _generation++;
            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException e)
            {
                // One broken observer must not hide the other metrics; those that work were recorded.
                ObserverFailed(_logger, e);
            }

            var families = Snapshot();
            foreach (var family in families)
            {
                family.Write(writer, series => series.Generation == 0 || series.Generation == _generation);
            }

            WriteDropped(writer, families);
        }
    }

    public void Dispose() => _listener.Dispose();

    private MetricFamily[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _families.Values];
        }
    }

    private static void WriteDropped(PrometheusTextWriter writer, MetricFamily[] families)
    {
        const string Name = "llmd_metrics_dropped_measurements_total";
        var full = Array.FindAll(families, family => family.Dropped > 0);
        if (full.Length == 0)
        {
            return;
        }

        writer.WriteFamily(Name, MetricType.Counter, $"Measurements dropped because a metric reached its limit of {MetricFamily.MaxSeries} label sets.");
        foreach (var family in full)
        {
            writer.WriteSample(Name, [new MetricLabel("metric", family.Name)], family.Dropped);
        }
    }

    private void Publish(Instrument instrument, MeterListener listener)
    {
        if ((instrument.Meter.Scope is IMeterFactory factory && factory != _own) || InstrumentShape.TypeOf(instrument) is not { } type)
        {
            return;
        }

        var name = InstrumentShape.NameOf(instrument, type);
        MetricFamily? family;
        lock (_lock)
        {
            if (!_families.TryGetValue(name, out family))
            {
                var help = instrument.Description ?? "";
                _families[name] = family = new MetricFamily(name, type, help, InstrumentShape.BoundsOf(instrument));
            }
            else if (family.Type != type)
            {
                NameTaken(_logger, instrument.Meter.Name, instrument.Name, name, family.Type);
                return;
            }

            family.Instruments++;
        }

        listener.EnableMeasurementEvents(instrument, new Binding(family, instrument.IsObservable, InstrumentShape.IsLastValue(instrument)));
    }

    // A meter was disposed: its values would stand still for ever.
    private void Forget(Binding binding)
    {
        lock (_lock)
        {
            if (--binding.Family.Instruments == 0)
            {
                _families.Remove(binding.Family.Name);
            }
        }
    }

    private void Record(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var binding = (Binding)state!;
        if (binding.IsPlainSum)
        {
            binding.Family.Find(tags)?.Add(value);
        }
        else
        {
            Record((double)value, tags, state);
        }
    }

    private void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var binding = (Binding)state!;
        if (binding.Family.Find(tags) is not { } series)
        {
            return;
        }

        if (binding.IsObservable)
        {
            series.Observe(value, _generation);
        }
        else if (binding.IsLastValue)
        {
            series.Set(value);
        }
        else if (binding.Family.Type == MetricType.Histogram)
        {
            series.Observe(value);
        }
        else
        {
            series.Add(value);
        }
    }

    private sealed record Binding(MetricFamily Family, bool IsObservable, bool IsLastValue)
    {
        public bool IsPlainSum { get; } = !IsObservable && !IsLastValue && Family.Type != MetricType.Histogram;
    }

    [LoggerMessage(EventId = 11, Level = LogLevel.Warning, Message = "An observable instrument failed; its metrics are missing from /metrics")]
    private static partial void ObserverFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 12, Level = LogLevel.Warning, Message = "Instrument {Meter}/{Instrument} is not exposed: {Name} is a {Type} already")]
    private static partial void NameTaken(ILogger logger, string meter, string instrument, string name, MetricType type);
}
