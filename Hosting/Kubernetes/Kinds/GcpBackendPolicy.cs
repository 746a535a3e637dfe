using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.Hosting.Kubernetes;

/// <summary>How GKE's load balancer treats a backend.</summary>
public sealed class GcpBackendPolicy() : BaseKubernetesResource("networking.gke.io/v1", "GCPBackendPolicy")
{
    public GcpBackendPolicySpec Spec { get; } = new();
}

/// <summary>Of which backend, and how.</summary>
public sealed class GcpBackendPolicySpec
{
    public GcpBackendDefault? Default { get; set; }

    public ObjectReference? TargetRef { get; set; }
}

/// <summary>Time a request may take in seconds, and what is logged.</summary>
public sealed class GcpBackendDefault(int timeoutSec, GcpBackendLogging logging)
{
    public int TimeoutSec { get; } = timeoutSec;

    public GcpBackendLogging Logging { get; } = logging;
}

/// <summary>Whether requests are logged.</summary>
public sealed class GcpBackendLogging(bool enabled)
{
    public bool Enabled { get; } = enabled;
}
