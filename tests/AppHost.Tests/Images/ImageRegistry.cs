using System.Formats.Tar;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.AppHost.Tests.Images;

/// <summary>A real registry of images (Debian's docker-registry) on a port of its own, with a base image of one file.</summary>
internal sealed class ImageRegistry : IAsyncDisposable
{
    public const string Program = "docker-registry";

    private const string BaseRepository = "base/aspnet";
    private const string BaseTag = "10.0";
    private const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    private const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    private readonly string _folder = Directory.CreateTempSubdirectory("llmd-registry-").FullName;
    private readonly int _port = TestPorts.Free();
    private readonly HttpClient _http;
    private readonly ChildProgram _process;

    private ImageRegistry()
    {
        var configuration = Path.Combine(_folder, "config.yml");
        File.WriteAllText(
            configuration,
            $$"""
            version: 0.1
            storage:
              filesystem:
                rootdirectory: "{{_folder}}/data"
            http:
              addr: "127.0.0.1:{{_port}}"
            """);
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}/v2/") };
        _process = ChildProgram.Start(Program, ["serve", configuration]);
    }

    /// <summary>Why a test that needs it must be skipped, or null when it is installed.</summary>
    public static string? Missing { get; } = Tool.Missing(Program, "Debian package docker-registry");

    /// <summary>Its name in references to images; the SDK speaks plain HTTP to this host alone.</summary>
    public string Host => $"localhost:{_port}";

    public string BaseImage => $"{Host}/{BaseRepository}:{BaseTag}";

    public static async Task<ImageRegistry> StartAsync()
    {
        var registry = new ImageRegistry();
        await Eventually.TrueAsync(registry.AnswersAsync);
        await registry.PushBaseAsync();
        return registry;
    }

    public async Task<JsonNode> ManifestAsync(string repository, string tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{repository}/manifests/{tag}");
        request.Headers.Accept.Add(new(OciManifest));
        request.Headers.Accept.Add(new(DockerManifest));
        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return (await JsonNode.ParseAsync(await response.Content.ReadAsStreamAsync()))!;
    }

    public Task<Stream> BlobAsync(string repository, string digest) => _http.GetStreamAsync($"{repository}/blobs/{digest}");

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            return (await _http.GetAsync("")).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    // As .NET's images are, less what is in them: they tell the SDK a port, which is none of our services'.
    private async Task PushBaseAsync()
    {
        using var layer = new MemoryStream();
        await using (var writer = new TarWriter(layer, leaveOpen: true))
        {
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "etc/base") { DataStream = new MemoryStream("base"u8.ToArray()) });
        }

        var files = layer.ToArray();
        var packed = await PushAsync(Pack(files), "application/vnd.oci.image.layer.v1.tar+gzip");
        var config = await PushAsync(
            new JsonObject
            {
                ["architecture"] = "amd64",
                ["os"] = "linux",
                ["config"] = new JsonObject { ["Env"] = new JsonArray("PATH=/usr/local/bin:/usr/bin:/bin", "ASPNETCORE_HTTP_PORTS=8080") },
                ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(DigestOf(files)) },
                ["history"] = new JsonArray(new JsonObject { ["created"] = "2026-01-01T00:00:00Z" }),
            },
            "application/vnd.oci.image.config.v1+json");
        var manifest = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = OciManifest, ["config"] = config, ["layers"] = new JsonArray(packed) };
        using var response = await _http.PutAsync($"{BaseRepository}/manifests/{BaseTag}", Content(Bytes(manifest), OciManifest));
        response.EnsureSuccessStatusCode();
    }

    private Task<JsonObject> PushAsync(JsonObject json, string mediaType) => PushAsync(Bytes(json), mediaType);

    private async Task<JsonObject> PushAsync(byte[] blob, string mediaType)
    {
        using var started = await _http.PostAsync($"{BaseRepository}/blobs/uploads/", null);
        var upload = new UriBuilder(started.Headers.Location!);
        upload.Query = $"{upload.Query.TrimStart('?')}&digest={DigestOf(blob)}";
        using var done = await _http.PutAsync(upload.Uri, Content(blob, "application/octet-stream"));
        done.EnsureSuccessStatusCode();
        return new JsonObject { ["mediaType"] = mediaType, ["digest"] = DigestOf(blob), ["size"] = blob.Length };
    }

    private static byte[] Pack(byte[] files)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress))
        {
            gzip.Write(files);
        }

        return packed.ToArray();
    }

    private static ByteArrayContent Content(byte[] bytes, string mediaType) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };

    private static byte[] Bytes(JsonObject json) => System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());

    private static string DigestOf(byte[] bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";
}
