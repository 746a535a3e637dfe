using Aspire.Hosting.ApplicationModel;
using LlmdAspire.Hosting.Embedded;

namespace Aspire.Hosting;

/// <summary>Tells resources where to send telemetry.</summary>
public static class OtlpConfigurationExtensions
{
    /// <summary>Gives the resource the OTEL_* variables; projects have them without asking.</summary>
    public static IResourceBuilder<T> WithOtlpExporter<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEnvironment
        => builder.WithOtlp(null);

    /// <summary>Gives the resource, which speaks one protocol only, the OTEL_* variables.</summary>
    public static IResourceBuilder<T> WithOtlpExporter<T>(this IResourceBuilder<T> builder, OtlpProtocol protocol)
        where T : IResourceWithEnvironment
        => builder.WithOtlp(protocol);

    private static IResourceBuilder<T> WithOtlp<T>(this IResourceBuilder<T> builder, OtlpProtocol? protocol)
        where T : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        var environment = builder.ApplicationBuilder.Environment;
        return builder
            .WithAnnotation(new OtlpExporterAnnotation { RequiredProtocol = protocol })
            .WithEnvironment(context => OtlpVariables.AddTo(context, environment));
    }
}
