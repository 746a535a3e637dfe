using Aspire.Hosting.Kubernetes.Resources;

namespace LlmdAspire.AppHost.Publish;

/// <summary>Services of a cluster, which stand apart from their pods: Aspire would write two objects of one name into one file.</summary>
internal static class PublishedServices
{
    /// <summary>Says which Service an object is, for monitors.</summary>
    public const string Label = "llm-d.ai/service";

    /// <summary>A Service in front of the pods of the resource of that name.</summary>
    public static Service Of(string name, params ReadOnlySpan<(string Name, int Port)> ports)
    {
        var service = new Service
        {
            Metadata = { Name = name, Labels = { [Label] = name } },
            Spec = { Selector = { ["app.kubernetes.io/component"] = name, ["app.kubernetes.io/instance"] = "{{ .Release.Name }}" } },
        };
        foreach (var (portName, port) in ports)
        {
            service.Spec.Ports.Add(new() { Name = portName, Port = port, TargetPort = port, Protocol = "TCP" });
        }

        return service;
    }
}
