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

    /// <summary>Templates of the pods that a workload or job makes: one, or leader and worker; none for other kinds.</summary>
    public IReadOnlyList<RenderedPod> Pods =>
    [
        .. new[] { Root.At("spec", "template"), Root.At("spec", "leaderWorkerTemplate", "leaderTemplate"), Root.At("spec", "leaderWorkerTemplate", "workerTemplate") }
            .Where(template => template?.At("spec", "containers") is not null)
            .Select(template => new RenderedPod(this, template!)),
    ];

    /// <summary>The pod that a workload or job makes, the leader where there are two; null for other kinds.</summary>
    public YamlNode? Pod => Pods is [var first, ..] ? first.Template : null;

    /// <summary>All containers of its pods, those that run beside the others included.</summary>
    public IEnumerable<YamlNode> Containers => Pods.SelectMany(pod => pod.Containers);

    public override string ToString() => $"{Kind} {Name}";
}
