namespace LlmdAspire.AppHost.Publish;

/// <summary>Who decides how many engines there are.</summary>
/// <param name="Kind">Who.</param>
/// <param name="TargetQueue">Waiting requests per rank that it aims at.</param>
/// <param name="Prometheus">Where KEDA asks.</param>
internal sealed record Autoscaling(AutoscalingKind Kind, int TargetQueue, string Prometheus)
{
    /// <summary>The Service that the Prometheus operator makes, in the namespace where most install it.</summary>
    public const string DefaultPrometheus = "http://prometheus-operated.monitoring:9090";

    /// <summary>From here on an engine is short of room for requests, as the picker's own detector of saturation has it.</summary>
    public const int DefaultTargetQueue = 5;

    public bool IsOn => Kind != AutoscalingKind.None;
}

internal enum AutoscalingKind
{
    /// <summary>Nobody: the number is fixed.</summary>
    None,

    /// <summary>A HorizontalPodAutoscaler, by the custom metrics API.</summary>
    Hpa,

    /// <summary>A ScaledObject of KEDA, which asks Prometheus.</summary>
    Keda,
}
