using System.Globalization;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;

namespace Aspire.Hosting;

/// <summary>The router as the sidecar of a decode engine: it has the prompt computed where the picker said, then lets its own engine generate.</summary>
/// <param name="Image">Image of the router.</param>
/// <param name="Port">Where the pool sends requests.</param>
/// <param name="EnginePort">Where the engine of the pod listens.</param>
/// <param name="DataParallelSize">Ranks of the engine.</param>
public sealed record RoutingSidecar(string Image, int Port, int EnginePort, int DataParallelSize)
{
    public const string ContainerName = "routing-proxy";
    public const string PortName = "proxy";

    internal void AddTo(KubernetesResource service)
    {
        var container = new ContainerV1
        {
            Name = ContainerName,
            Image = Image,
            // An init container that goes on: it is there before the engine, and stays until the engine has ended.
            RestartPolicy = "Always",
            Ports = { new() { Name = PortName, ContainerPort = Port, Protocol = "TCP" } },
            Resources = new() { Requests = { ["cpu"] = "1", ["memory"] = "512Mi" }, Limits = { ["memory"] = "2Gi" } },
            ReadinessProbe = new() { HttpGet = new() { Path = "/alive", Port = Port, Scheme = "HTTP" }, PeriodSeconds = 5 },
        };
        container.Args.AddRange(
        [
            "--mode", "sidecar",
            "--host", "0.0.0.0",
            "--port", Text(Port),
            "--vllm-port", Text(EnginePort),
            "--connector", "nixlv2",
            "--data-parallel-size", Text(DataParallelSize),
            "--prometheus-port", "0",
        ]);
        var spec = service.Workload!.PodTemplate.Spec;
        spec.InitContainers.Add(container);
        ServiceManifest.Restrict(spec, container);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
