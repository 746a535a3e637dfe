using System.Formats.Tar;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using LlmdAspire.AppHost.Publish;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.AppHost.Tests.Images;

/// <summary>The services' images, as the SDK makes them: one of them for real, and the names of all that charts refer to.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ImageTests(RouterImage image) : IClassFixture<RouterImage>
{
    // .NET's images have a user of that number.
    private const string User = "1654";

    private static readonly ServiceImages s_images = new("registry.example.com:5000/some/path", "1.2.3");

    public static TheoryData<string, string> References { get; } = new()
    {
        { "Router", s_images.Router },
        { "Epp", s_images.Picker },
        { "KvIndexer", s_images.KvIndexer },
        { "Bench", s_images.Bench },
    };

    [Theory]
    [MemberData(nameof(References))]
    public async Task PushedImage_IsCalledAsChartsCallIt(string project, string reference)
    {
        var (name, basedOn) = await ImageBuild.DescribeAsync(project, $"-p:ImageRegistry={s_images.Registry}", $"-p:ContainerImageTag={s_images.Tag}");

        Assert.Equal($"{reference}:{s_images.Tag}", name);
        Assert.StartsWith("mcr.microsoft.com/dotnet/aspnet:", basedOn, StringComparison.Ordinal);
        Assert.EndsWith("-chiseled", basedOn, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImageOfThisMachine_IsCalledAsChartsCallItThatWereToldNothing()
    {
        var (name, _) = await ImageBuild.DescribeAsync("KvIndexer");

        Assert.Equal($"{ServiceImages.DefaultRegistry}/kv-indexer:{ServiceImages.DefaultTag}", name);
    }

    [Fact]
    public void Image_HasNoRoot_AndTellsWhatItIs()
    {
        Assert.SkipWhen(ImageRegistry.Missing is not null, ImageRegistry.Missing ?? "");

        Assert.Equal(User, (string?)image.Config["User"]);
        Assert.Equal(["dotnet", "/app/LlmdAspire.Router.dll"], Texts(image.Config["Entrypoint"]));
        // Not the port of the base image.
        Assert.Equal(["29000/tcp", "30000/tcp"], image.Config["ExposedPorts"]!.AsObject().Select(port => port.Key).Order());
        Assert.Contains("LLMD_ROUTER_HOST=0.0.0.0", Texts(image.Config["Env"]));
        Assert.Equal("LlmdAspire router", (string?)image.Config["Labels"]!["org.opencontainers.image.title"]);
        Assert.Equal(ServiceImages.DefaultTag, (string?)image.Config["Labels"]!["org.opencontainers.image.version"]);
    }

    [Fact]
    public void Image_HasWhatRuns_AndNothingElse()
    {
        Assert.SkipWhen(ImageRegistry.Missing is not null, ImageRegistry.Missing ?? "");
        var files = Directory.EnumerateFiles(image.Root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(image.Root, file)).ToList();

        Assert.Equal(2, image.Layers.Count);
        Assert.InRange(image.Bytes, 1, 4 << 20);
        Assert.Contains("app/LlmdAspire.Router.dll", files);
        Assert.DoesNotContain(files, file => file.EndsWith(".pdb", StringComparison.Ordinal) || file.EndsWith(".resources.dll", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Service_RunsAsAnyUser_WithoutWritingWhereItIs()
    {
        Assert.SkipWhen(ImageRegistry.Missing is not null, ImageRegistry.Missing ?? "");
        var port = TestPorts.Free();
        string[] command = [.. Texts(image.Config["Entrypoint"]).Select(part => part.Replace("/app/", $"{image.Root}/app/", StringComparison.Ordinal)), "--port", $"{port}", "--prometheus-port", "0", "--worker-urls"];
        // Root may write anywhere, so who is root becomes the image's user, if there is a way to.
        var isOther = Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv");
        string[] started = isOther ? ["/usr/bin/setpriv", "--reuid", User, "--regid", User, "--clear-groups", .. command] : command;
        var variables = Texts(image.Config["Env"]).Select(variable => variable.Split('=', 2)).Where(variable => variable[0] != "PATH").ToDictionary(variable => variable[0], variable => variable[1]);
        // No home to write to, as in the image.
        await using var service = ChildProgram.Start(started[0], started[1..], new Dictionary<string, string>(variables) { ["HOME"] = "/nonexistent" });
        using var http = new HttpClient();

        Assert.Equal(new Uri($"http://0.0.0.0:{port}"), await service.WaitForUrlAsync());
        using var health = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/health"));
        Assert.True(health.IsSuccessStatusCode);
        Assert.True(!isOther || UserOf(service.Id) == User);
    }

    [Fact]
    public async Task Archive_KeepsTheWholeName()
    {
        Assert.SkipWhen(ImageRegistry.Missing is not null, ImageRegistry.Missing ?? "");
        var file = Path.Combine(Directory.CreateTempSubdirectory("llmd-archive-").FullName, "router.tar");
        try
        {
            await ImageBuild.PublishAsync(
                "Router", $"-p:ContainerBaseImage={image.Registry.BaseImage}", $"-p:ImageRegistry={s_images.Registry}", $"-p:ContainerImageTag={s_images.Tag}", $"-p:ContainerArchiveOutputPath={file}");

            await using var archive = new TarReader(File.OpenRead(file));
            JsonNode? manifest = null;
            while (manifest is null && await archive.GetNextEntryAsync(copyData: true) is { } entry)
            {
                manifest = entry.Name == "manifest.json" ? await JsonNode.ParseAsync(entry.DataStream!) : null;
            }

            Assert.Equal([$"{s_images.Router}:{s_images.Tag}"], Texts(manifest![0]!["RepoTags"]));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    private static IEnumerable<string> Texts(JsonNode? array) => array!.AsArray().Select(item => (string)item!);

    private static string UserOf(int process) =>
        File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];
}
