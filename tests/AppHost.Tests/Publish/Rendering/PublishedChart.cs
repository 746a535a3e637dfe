namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>A chart that was published for a test, and rendered.</summary>
internal sealed partial class PublishedChart : IDisposable
{
    private PublishedChart(string folder, string release, string @namespace)
    {
        (Folder, Release, Namespace) = (folder, release, @namespace);
        Objects = ChartRenderer.Render(folder, release, @namespace);
    }

    public string Folder { get; }

    /// <summary>The name that it is installed under.</summary>
    public string Release { get; }

    public string Namespace { get; }

    public IReadOnlyList<RenderedObject> Objects { get; }

    /// <summary>Reads what was published into a folder, which is deleted in the end.</summary>
    public static PublishedChart Read(string folder, string release, string @namespace) => new(folder, release, @namespace);

    public RenderedObject Find(string kind, string name) =>
        Objects.SingleOrDefault(found => found.Kind == kind && found.Name == name) ?? throw new InvalidOperationException($"No {kind} {name} among {string.Join(", ", Objects)}.");

    /// <summary>Every file with its content, in the order of names.</summary>
    public IReadOnlyDictionary<string, string> Files() => new SortedDictionary<string, string>(
        Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).ToDictionary(file => Path.GetRelativePath(Folder, file), File.ReadAllText),
        StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
