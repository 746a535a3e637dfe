using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>The variables that make a process export its telemetry.</summary>
internal static class OtlpVariables
{
    private const string DevelopmentDelayMilliseconds = "1000";

    public static void AddTo(EnvironmentCallbackContext context, IHostEnvironment environment)
    {
        var required = context.Resource.Annotations.OfType<OtlpExporterAnnotation>().LastOrDefault()?.RequiredProtocol;
        var target = context.ExecutionContext.ServicesIfBuilt?.GetService<OtlpTarget>();
        if (context.ExecutionContext.IsPublishMode || target?.For(required) is not var (url, protocol))
        {
            return;
        }

        var variables = context.EnvironmentVariables;
        variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = ForCaller(context.Resource, url);
        variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol;
        variables["OTEL_SERVICE_NAME"] = context.Resource.Name;
        variables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={Guid.NewGuid():N}";
        if (target.Headers is { Length: > 0 } headers)
        {
            variables["OTEL_EXPORTER_OTLP_HEADERS"] = headers;
        }

        if (environment.IsDevelopment())
        {
            variables["OTEL_BLRP_SCHEDULE_DELAY"] = DevelopmentDelayMilliseconds;
            variables["OTEL_BSP_SCHEDULE_DELAY"] = DevelopmentDelayMilliseconds;
            variables["OTEL_METRIC_EXPORT_INTERVAL"] = DevelopmentDelayMilliseconds;
            variables["OTEL_TRACES_SAMPLER"] = "always_on";
            variables["OTEL_METRICS_EXEMPLAR_FILTER"] = "trace_based";
            variables["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "true";
        }
    }

    private static string ForCaller(IResource caller, string url)
    {
        var uri = new Uri(url);
        var host = ContainerHost.SeenBy(caller, uri.Host);
        return host == uri.Host ? url : new UriBuilder(uri) { Host = host }.Uri.ToString().TrimEnd('/');
    }
}
