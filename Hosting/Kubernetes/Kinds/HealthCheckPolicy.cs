using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Kubernetes;

/// <summary>How GKE's load balancer asks backends whether they are well.</summary>
public sealed class HealthCheckPolicy() : BaseKubernetesResource("networking.gke.io/v1", "HealthCheckPolicy")
{
    public HealthCheckPolicySpec Spec { get; } = new();
}

/// <summary>Of which backend, and how.</summary>
public sealed class HealthCheckPolicySpec
{
    public HealthCheckDefault? Default { get; set; }

    public ObjectReference? TargetRef { get; set; }
}

/// <summary>Times in seconds, and the question.</summary>
public sealed record HealthCheckDefault(int TimeoutSec, int CheckIntervalSec, HealthCheckConfig Config);

/// <summary>A check of one type.</summary>
public sealed record HealthCheckConfig(string Type, HttpHealthCheckSettings HttpHealthCheck);

/// <summary>An HTTP check.</summary>
public sealed record HttpHealthCheckSettings(string RequestPath, int Port);
