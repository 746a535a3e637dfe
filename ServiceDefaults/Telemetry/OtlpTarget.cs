using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;

namespace LlmdAspire.ServiceDefaults.Telemetry;

/// <summary>Where telemetry goes and under which name, from <c>--otlp-endpoint</c> and the OTEL_* variables.</summary>
internal sealed class OtlpTarget
{
    private readonly Uri? _endpoint;
    private readonly string _program;

    private OtlpTarget(Uri? endpoint, string program)
    {
        _endpoint = endpoint;
        _program = program;
    }

    /// <summary>Null when no receiver is configured: then nothing is collected for one.</summary>
    public static OtlpTarget? Of(ServiceFlags flags, Func<string, string?> environment)
    {
        if (flags.OtlpEndpoint.Value is { Length: > 0 } endpoint)
        {
            return new OtlpTarget(new Uri(endpoint), flags.Program);
        }

        // An empty --otlp-endpoint switches off what the environment switches on.
        return !flags.OtlpEndpoint.IsGiven && environment("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 }
            ? new OtlpTarget(endpoint: null, flags.Program)
            : null;
    }

    /// <param name="options">Options of one signal's exporter, already filled from the OTEL_* variables.</param>
    /// <param name="signal">Path of the signal for HTTP: <c>v1/traces</c>.</param>
    public void Apply(OtlpExporterOptions options, string signal)
    {
        if (_endpoint is null)
        {
            return;
        }

        // An address set in code is taken as it is, so the signal's path is ours to add.
        options.Endpoint = options.Protocol == OtlpExportProtocol.Grpc ? _endpoint : new Uri($"{_endpoint.ToString().TrimEnd('/')}/{signal}");
    }

    public void Describe(ResourceBuilder resource) => resource
        .Clear()
        .AddService(_program, serviceVersion: ProductVersion.Text)
        .AddTelemetrySdk()
        // Last, because what the environment says wins: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES.
        .AddEnvironmentVariableDetector();
}
