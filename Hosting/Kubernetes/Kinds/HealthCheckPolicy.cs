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
public sealed class HealthCheckDefault(int timeoutSec, int checkIntervalSec, HealthCheckConfig config)
{
    public int TimeoutSec { get; } = timeoutSec;

    public int CheckIntervalSec { get; } = checkIntervalSec;

    public HealthCheckConfig Config { get; } = config;
}

/// <summary>A check of one type.</summary>
public sealed class HealthCheckConfig(string type, HttpHealthCheckSettings httpHealthCheck)
{
    public string Type { get; } = type;

    public HttpHealthCheckSettings HttpHealthCheck { get; } = httpHealthCheck;
}

/// <summary>An HTTP check of one port.</summary>
public sealed class HttpHealthCheckSettings(string requestPath, int port)
{
    public string RequestPath { get; } = requestPath;

    /// <summary>Without it GKE asks the port that serves, and refuses a policy that names one.</summary>
    public string PortSpecification { get; } = "USE_FIXED_PORT";

    public int Port { get; } = port;
}
