using LlmdAspire.Tests.Shared;
using YamlDotNet.RepresentationModel;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>The schemas of built-in kinds, as an API server tells them, and those of custom kinds, from their CRDs.</summary>
internal sealed class SchemaCatalog
{
    private readonly string _folder;
    private readonly Dictionary<(string ApiVersion, string Kind), YamlNode?> _found = [];

    private SchemaCatalog(string folder)
    {
        _folder = folder;
        BuiltIn = Yaml.Parse(File.ReadAllText(Path.Combine(folder, "k8s-schemas", "builtin-schemas.json")));
    }

    /// <summary>The catalog of <c>shared/reference</c>; the test that asks is skipped where that is absent.</summary>
    public static SchemaCatalog Shared => s_shared.Value ?? throw new InvalidOperationException(ReferenceFolder.WhyAbsent);

    public static bool IsAbsent => s_shared.Value is null;

    private static readonly Lazy<SchemaCatalog?> s_shared = new(() => ReferenceFolder.Path is { } path ? new SchemaCatalog(path) : null);

    public YamlMappingNode BuiltIn { get; }

    /// <summary>Schema of the metadata of every object.</summary>
    public YamlNode Metadata => Named("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");

    public YamlNode Named(string name) => BuiltIn.At("schemas", name) ?? throw new InvalidDataException($"No schema {name}.");

    /// <summary>The schema of a kind; null when nobody knows it.</summary>
    public YamlNode? Find(string apiVersion, string kind)
    {
        lock (_found)
        {
            return _found.TryGetValue((apiVersion, kind), out var known)
                ? known
                : _found[(apiVersion, kind)] = BuiltIn.Text("kinds", $"{apiVersion}/{kind}") is { } name ? Named(name) : FindCustom(apiVersion, kind);
        }
    }

    private YamlNode? FindCustom(string apiVersion, string kind)
    {
        var (group, version) = apiVersion.Split('/') is [var left, var right] ? (left, right) : ("", apiVersion);
        return Directory.EnumerateFiles(Path.Combine(_folder, "crds"), $"{group}_*.yaml")
            .Concat(Directory.EnumerateFiles(Path.Combine(_folder, "k8s-schemas"), $"{group}_*.json"))
            .Select(file => Yaml.Parse(File.ReadAllText(file)))
            .Where(crd => crd.Text("spec", "names", "kind") == kind && crd.Text("spec", "group") == group)
            .SelectMany(crd => crd.Items("spec", "versions"))
            .FirstOrDefault(candidate => candidate.Text("name") == version)
            ?.At("schema", "openAPIV3Schema");
    }
}
