using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using LlmdAspire.AppHost.Publish;

namespace LlmdAspire.AppHost.Tests.Images;

/// <summary>The router's image, made once and pushed to a registry; and what was pushed.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RouterImage : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llmd-image-").FullName;

    internal ImageRegistry Registry { get; private set; } = null!;

    /// <summary>How it runs: user, entry point, variables, ports, labels.</summary>
    internal JsonNode Config { get; private set; } = null!;

    /// <summary>Digests of the layers; the last is ours.</summary>
    internal IReadOnlyList<string> Layers { get; private set; } = [];

    /// <summary>Size of our layer, packed.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Our layer's files, unpacked, which nobody may write.</summary>
    internal string Root { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (ImageRegistry.Missing is not null)
        {
            return;
        }

        Registry = await ImageRegistry.StartAsync();
        await ImageBuild.PublishAsync("Router", $"-p:ContainerBaseImage={Registry.BaseImage}", $"-p:ImageRegistry={Registry.Host}/llm");
        var manifest = await Registry.ManifestAsync("llm/router", ServiceImages.DefaultTag);
        Layers = [.. manifest["layers"]!.AsArray().Select(layer => (string)layer!["digest"]!)];
        Bytes = (long)manifest["layers"]!.AsArray()[^1]!["size"]!;
        Config = (await JsonNode.ParseAsync(await Registry.BlobAsync("llm/router", (string)manifest["config"]!["digest"]!)))!["config"]!;
        Root = Path.Combine(_folder, "root");
        await UnpackAsync(await Registry.BlobAsync("llm/router", Layers[^1]));
    }

    public async ValueTask DisposeAsync()
    {
        if (Registry is not null)
        {
            await Registry.DisposeAsync();
        }

        if (Root.Length > 0)
        {
            SetModes(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task UnpackAsync(Stream layer)
    {
        await using var unpacked = new GZipStream(layer, CompressionMode.Decompress);
        await using var reader = new TarReader(unpacked);
        while (await reader.GetNextEntryAsync(copyData: true) is { } entry)
        {
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
            {
                var path = Path.Combine(Root, entry.Name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await entry.ExtractToFileAsync(path, overwrite: false);
            }
        }

        const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        SetModes(ReadOnly);
        // The folder above is the test's own, and closed to others.
        File.SetUnixFileMode(_folder, ReadOnly | UnixFileMode.UserWrite);
    }

    private void SetModes(UnixFileMode mode)
    {
        foreach (var entry in Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories).Append(Root))
        {
            File.SetUnixFileMode(entry, mode);
        }
    }
}
