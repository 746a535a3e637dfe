using YamlDotNet.RepresentationModel;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>One object of a rendered chart.</summary>
/// <param name="File">Its file, within the chart.</param>
/// <param name="Root">Its content.</param>
internal sealed record RenderedObject(string File, YamlMappingNode Root)
{
    public string ApiVersion => Root.Text("apiVersion")!;

    public string Kind => Root.Text("kind")!;

    public string Name => Root.Text("metadata", "name")!;

    public Dictionary<string, string> Labels => Root.TextEntries("metadata", "labels");

    /// <summary>The pod that a workload or job makes; null for other kinds.</summary>
    public YamlNode? Pod => Root.At("spec", "template", "spec")?.At("containers") is null ? null : Root.At("spec", "template");

    /// <summary>All containers of its pod, those that run beside the others included.</summary>
    public IEnumerable<YamlNode> Containers => Pod is { } pod ? pod.Items("spec", "containers").Concat(pod.Items("spec", "initContainers")) : [];

    public override string ToString() => $"{Kind} {Name}";
}
