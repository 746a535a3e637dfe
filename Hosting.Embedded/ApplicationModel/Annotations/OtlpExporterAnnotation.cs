namespace Aspire.Hosting.ApplicationModel;

/// <summary>The resource sends telemetry over OTLP and is told where to.</summary>
public class OtlpExporterAnnotation : IResourceAnnotation
{
    /// <summary>The one protocol it speaks; null when it takes what there is.</summary>
    public OtlpProtocol? RequiredProtocol { get; init; }
}
