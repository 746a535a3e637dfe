using LlmdAspire.Hosting.Kubernetes;

namespace LlmdAspire.AppHost.Publish;

/// <summary>Adds the index of every engine's KV cache, which engines connect to.</summary>
internal static class PublishedKvIndexer
{
    public const int Port = 8080;
    public const int EventsPort = 5557;
    public const string PortName = "http";

    public static void AddKvIndexer(this IDistributedApplicationBuilder builder, ClusterPlan plan)
    {
        var name = plan.Names.KvIndexer;
        var indexer = builder.AddContainer(name, plan.Images.KvIndexer, plan.Images.Tag)
            .WithHttpEndpoint(targetPort: Port, name: PortName)
            .WithArgs("--host", "0.0.0.0", "--port", $"{Port}", "--bind", $"tcp://0.0.0.0:{EventsPort}", "--bind-ranks", $"{plan.Decode.DataParallel}")
            .WithPublishedPod(new ServicePod
            {
                Name = name,
                CpuRequest = "2",
                MemoryRequest = "4Gi",
                MemoryLimit = "8Gi",
                // Engines would tell each of two half of what they hold.
                ReplacesItself = true,
                Liveness = new() { HttpGet = new() { Path = "/alive", Port = Port, Scheme = "HTTP" }, PeriodSeconds = 10 },
                Readiness = new() { HttpGet = new() { Path = "/health", Port = Port, Scheme = "HTTP" }, PeriodSeconds = 5 },
            });

        var events = EventsPortsOf(plan);
        foreach (var (portName, port) in events)
        {
            indexer.WithEndpoint(targetPort: port, name: portName, scheme: "tcp");
        }

        builder.AddManifests("index", PublishedServices.Of(name, [(PortName, Port), .. events]), AccessOf(plan));
    }

    // Rank r of an engine connects to the port + r.
    private static (string Name, int Port)[] EventsPortsOf(ClusterPlan plan) =>
        [.. Enumerable.Range(0, plan.Decode.DataParallel).Select(rank => ($"kv-events-{rank}", EventsPort + rank))];

    // Whoever may tell it of blocks may mislead every picker; so may only the engines.
    private static NetworkPolicy AccessOf(ClusterPlan plan)
    {
        var policy = new NetworkPolicy { Metadata = { Name = $"{plan.Names.KvIndexer}-access" } };
        policy.Spec.PodSelector.MatchLabels["app.kubernetes.io/component"] = plan.Names.KvIndexer;
        policy.Spec.PodSelector.MatchLabels["app.kubernetes.io/instance"] = "{{ .Release.Name }}";
        policy.Spec.Ingress.Add(new() { Ports = { new(Port) } });
        var events = new IngressRule { From = { new(new(EngineLabels.OfModel(plan.Names))) } };
        events.Ports.AddRange(EventsPortsOf(plan).Select(port => new NetworkPort(port.Port)));
        policy.Spec.Ingress.Add(events);
        return policy;
    }
}
