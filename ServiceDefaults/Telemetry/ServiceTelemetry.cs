using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LlmdAspire.ServiceDefaults.Telemetry;

/// <summary>Traces, metrics and logs of a service over OTLP. Disposing sends what is left, for at most a few seconds.</summary>
internal sealed class ServiceTelemetry : IDisposable
{
    private const int FlushMilliseconds = 3000;

    private static readonly string[] s_sources = ["Microsoft.AspNetCore", "System.Net.Http", "Yarp.ReverseProxy", "LlmdAspire.*"];
    private static readonly string[] s_meters = ["Microsoft.AspNetCore.*", "System.Net.Http", "System.Runtime", "Yarp.*", "LlmdAspire.*"];

    private readonly OpenTelemetrySdk _sdk;
    private readonly LoggerProvider? _logs;

    private ServiceTelemetry(OpenTelemetrySdk sdk, LoggerProvider? logs)
    {
        _sdk = sdk;
        _logs = logs;
    }

    /// <summary>Adds telemetry to a service. It begins when the container creates it, which the caller must see to before the service starts.</summary>
    /// <param name="tracesKept">The part of traces begun here that is kept; traces begun elsewhere are kept as was decided there.</param>
    public static void AddTo(WebApplicationBuilder builder, OtlpTarget target, double? tracesKept)
    {
        builder.Services.AddSingleton(services =>
            new ServiceTelemetry(StartSdk(target, tracesKept), services.GetService<LoggerProvider>()));
        builder.Logging.AddOpenTelemetry(logs =>
        {
            var resource = ResourceBuilder.CreateEmpty();
            target.Describe(resource);
            logs.SetResourceBuilder(resource);
            logs.IncludeScopes = true;
            logs.IncludeFormattedMessage = true;
            logs.AddOtlpExporter(options => target.Apply(options, "v1/logs"));
        });
    }

    public void Dispose()
    {
        // All at once: a receiver that hangs then costs one wait, not three.
        Parallel.Invoke(
            () => _sdk.TracerProvider.Shutdown(FlushMilliseconds),
            () => _sdk.MeterProvider.Shutdown(FlushMilliseconds),
            () => _logs?.Shutdown(FlushMilliseconds));
        _sdk.Dispose();
    }

    private static OpenTelemetrySdk StartSdk(OtlpTarget target, double? tracesKept) => OpenTelemetrySdk.Create(otel => otel
        .ConfigureResource(target.Describe)
        .WithTracing(traces => Sample(traces, tracesKept)
            .AddSource(s_sources)
            .AddProcessor(new ProbeCallFilter())
            .AddOtlpExporter(options => target.Apply(options, "v1/traces")))
        .WithMetrics(metrics => metrics
            .AddMeter(s_meters)
            .AddOtlpExporter(options => target.Apply(options, "v1/metrics"))));

    private static TracerProviderBuilder Sample(TracerProviderBuilder traces, double? kept) =>
        kept is { } part ? traces.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(part))) : traces;
}
