using System.Diagnostics;
using System.Text.Json;

namespace LlmdAspire.Architecture.Tests;

/// <summary>The switch between real Aspire packages and the embedded mode, as MSBuild evaluates it.</summary>
public sealed class AspireModeTests : IDisposable
{
    private static readonly string[] s_packages =
        ["aspire.apphost.sdk/13.5.2", "aspire.hosting/13.5.2", "aspire.hosting.apphost/13.5.2", "aspire.hosting.redis/13.5.2", "aspire.hosting.kubernetes/13.5.2-preview.1"];

    private readonly string _packageFolder = Directory.CreateTempSubdirectory("llmd-packages-").FullName;

    public void Dispose() => Directory.Delete(_packageFolder, recursive: true);

    [Fact]
    public async Task NoAspirePackages_MeansEmbedded()
    {
        var mode = await EvaluateAsync($"-p:RestorePackagesPath={_packageFolder}");

        Assert.Equal("Embedded", mode["AspireHosting"]);
        Assert.EndsWith("artifacts/embedded", mode["ArtifactsPath"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task AllAspirePackages_MeanPackages_WithTheirOwnOutputs()
    {
        Provide(s_packages);

        var mode = await EvaluateAsync($"-p:RestorePackagesPath={_packageFolder}");

        Assert.Equal("Packages", mode["AspireHosting"]);
        Assert.EndsWith("artifacts/packages", mode["ArtifactsPath"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task OneMissingPackage_MeansEmbedded(int missing)
    {
        Provide(s_packages.Where((_, index) => index != missing));

        var mode = await EvaluateAsync($"-p:RestorePackagesPath={_packageFolder}");

        Assert.Equal("Embedded", mode["AspireHosting"]);
    }

    [Fact]
    public async Task TheProperty_BeatsThePackageFolder()
    {
        var mode = await EvaluateAsync($"-p:RestorePackagesPath={_packageFolder}", "-p:AspireHosting=Packages");

        Assert.Equal("Packages", mode["AspireHosting"]);
    }

    [Fact]
    public async Task SwitchingBackAndForth_NeedsNoClean()
    {
        using var toy = new ToyAppHost();

        Assert.Equal("Embedded no SDK", await toy.RunAsync("Embedded"));
        Assert.Equal("Packages Aspire's SDK", await toy.RunAsync("Packages"));
        Assert.Equal("Embedded no SDK", await toy.RunAsync("Embedded"));
        Assert.Equal("Packages Aspire's SDK", await toy.RunAsync("Packages"));
    }

    private void Provide(IEnumerable<string> packages)
    {
        foreach (var package in packages)
        {
            Directory.CreateDirectory(Path.Combine(_packageFolder, package));
        }
    }

    private static async Task<Dictionary<string, string>> EvaluateAsync(params string[] properties)
    {
        var start = new ProcessStartInfo(
            "dotnet", ["msbuild", Repository.ProjectFile("Hosting"), .. properties, "-getProperty:AspireHosting", "-getProperty:ArtifactsPath"])
        {
            RedirectStandardOutput = true,
        };
        // The environment of a running build must not decide for this one.
        start.Environment.Remove("AspireHosting");
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        using var json = JsonDocument.Parse(output);
        return json.RootElement.GetProperty("Properties").EnumerateObject().ToDictionary(property => property.Name, property => property.Value.GetString()!);
    }
}
