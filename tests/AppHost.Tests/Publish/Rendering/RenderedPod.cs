using YamlDotNet.RepresentationModel;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>A pod that a workload makes.</summary>
/// <param name="Maker">The workload.</param>
/// <param name="Template">The pod's template.</param>
internal sealed record RenderedPod(RenderedObject Maker, YamlNode Template)
{
    public Dictionary<string, string> Labels => Template.TextEntries("metadata", "labels");

    /// <summary>All containers, those that run beside the others included.</summary>
    public IEnumerable<YamlNode> Containers => Template.Items("spec", "containers").Concat(Template.Items("spec", "initContainers"));
}
