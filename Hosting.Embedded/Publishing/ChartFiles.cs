using Aspire.Hosting.Kubernetes.Resources;
using LlmdAspire.Hosting.Embedded.Publishing.Yaml;

namespace LlmdAspire.Hosting.Embedded.Publishing;

/// <summary>The files of a chart.</summary>
/// <param name="folder">Where they are written; made when it does not exist, and not emptied.</param>
internal sealed class ChartFiles(string folder)
{
    private const string DocumentStart = "---\n";

    /// <summary>Writes one file per object. Two objects of one name would be one file, as in real Aspire, where the later wins.</summary>
    public async Task WriteTemplatesAsync(string resource, IReadOnlyList<BaseKubernetesResource> objects, CancellationToken cancellationToken)
    {
        foreach (var written in objects)
        {
            await WriteAsync(Path.Combine("templates", resource, FileNameOf(resource, written)), DocumentStart + ChartSerializer.Serialize(written), cancellationToken);
        }
    }

    public Task WriteChartAsync(HelmChart chart, CancellationToken cancellationToken) => WriteAsync("Chart.yaml", ChartSerializer.Serialize(chart), cancellationToken);

    public Task WriteValuesAsync(ChartValues values, CancellationToken cancellationToken)
        => WriteAsync("values.yaml", ChartSerializer.Serialize(values.Sections), cancellationToken);

    // The folder says the resource already.
    private static string FileNameOf(string resource, BaseKubernetesResource written)
    {
        var name = written.Metadata.Name;
        if (string.IsNullOrWhiteSpace(name))
        {
            return $"{KubernetesName.Of(written.GetType().Name)}.yaml";
        }

        var prefix = $"{KubernetesName.Of(resource)}-";
        return $"{(name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name)}.yaml";
    }

    private async Task WriteAsync(string file, string text, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text, cancellationToken);
    }
}
