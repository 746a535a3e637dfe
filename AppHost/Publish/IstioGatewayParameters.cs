using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.AppHost.Publish;

/// <summary>How Istio runs the gateway's own pods: a ConfigMap whose entries are laid over the Deployment that it makes, and marks of the Gateway that it makes the pods from.</summary>
internal static class IstioGatewayParameters
{
    /// <summary>Marks the Gateway: how much its proxies log, which the pods' template comes too late for, and that they ask pickers.</summary>
    public static void Mark(ObjectMetaV1 gateway, ClusterPlan plan)
    {
        gateway.Annotations["sidecar.istio.io/logLevel"] = SizeOf(plan).LogLevel;
        if (plan.HasPool)
        {
            gateway.Labels["istio.io/enable-inference-extproc"] = "true";
        }
    }

    public static ConfigMap Of(ClusterPlan plan)
    {
        var size = SizeOf(plan);
        return new ConfigMap
        {
            Metadata = { Name = $"{plan.Names.Gateway}-parameters" },
            Data =
            {
                ["deployment"] = $"""
                    spec:
                      template:
                        spec:
                          containers:
                          - name: istio-proxy
                            resources:
                              requests:
                                cpu: "{size.CpuRequest}"
                                memory: {size.MemoryRequest}
                              limits:
                                cpu: "{size.CpuLimit}"
                                memory: {size.MemoryLimit}

                    """,
            },
        };
    }

    private static GatewaySize SizeOf(ClusterPlan plan) => plan.Gateway == GatewayProvider.IstioBench ? s_large : s_normal;

    private static readonly GatewaySize s_normal = new("warning", "100m", "128Mi", "2", "1Gi");

    // Enough that the engines are what a benchmark measures, and no line of log per request.
    private static readonly GatewaySize s_large = new("error", "1", "1Gi", "4", "4Gi");

    private sealed record GatewaySize(string LogLevel, string CpuRequest, string MemoryRequest, string CpuLimit, string MemoryLimit);
}
