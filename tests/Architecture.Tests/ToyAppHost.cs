using System.Diagnostics;
using System.IO.Compression;

namespace LlmdAspire.Architecture.Tests;

/// <summary>
/// A copy of the AppHost's project file and of what it imports, in a folder of its own, beside a feed that holds a stand-in for Aspire's SDK: as much of the
/// mode switch as can be built where the real packages are absent. It prints which SDK it was built with.
/// </summary>
internal sealed class ToyAppHost : IDisposable
{
    private const string SdkVersion = "13.5.2";

    private readonly string _root = Directory.CreateTempSubdirectory("llmd-toy-").FullName;

    public ToyAppHost()
    {
        Directory.CreateDirectory(Path.Combine(_root, "feed"));
        Directory.CreateDirectory(Path.Combine(_root, "AppHost"));
        WriteSdkPackage();
        File.Copy(Path.Combine(Repository.Root, "AspireMode.props"), Path.Combine(_root, "AspireMode.props"));
        File.Copy(Path.Combine(Repository.Root, "AspireAppHost.props"), Path.Combine(_root, "AspireAppHost.props"));
        WriteWithout("AspireAppHost.targets", "Hosting.Embedded/build");
        File.WriteAllText(Path.Combine(_root, "NuGet.config"), """<configuration><packageSources><clear /><add key="feed" value="feed" /></packageSources></configuration>""");
        File.WriteAllText(Path.Combine(_root, "Directory.Build.props"), "<Project><PropertyGroup><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup></Project>");
        WriteWithout("AppHost/AppHost.csproj", "<ProjectReference");
        File.WriteAllText(
            Path.Combine(_root, "AppHost", "Program.cs"),
            """
            using System.Reflection;
            var metadata = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().ToDictionary(entry => entry.Key, entry => entry.Value);
            System.Console.Write(metadata["AspireHosting"] + " " + metadata.GetValueOrDefault("ToySdk", "no SDK"));
            """);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>Builds and runs the toy in a mode, without cleaning what an earlier call left.</summary>
    public async Task<string> RunAsync(string mode)
    {
        await DotnetAsync("build", "AppHost", $"-p:AspireHosting={mode}", "--nologo", "-v", "q", "-nodeReuse:false");
        return await DotnetAsync(Path.Combine("artifacts", mode.ToLowerInvariant(), "bin", "AppHost", "debug", "AppHost.dll"));
    }

    private async Task<string> DotnetAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = _root, RedirectStandardOutput = true };
        start.Environment["NUGET_PACKAGES"] = Path.Combine(_root, "packages");
        start.Environment.Remove("AspireHosting");
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output);
        return output;
    }

    // The real file, less what it refers to: the imports, conditions and properties are what is tried here.
    private void WriteWithout(string file, string reference) =>
        File.WriteAllLines(
            Path.Combine(_root, file),
            File.ReadAllLines(Path.Combine(Repository.Root, file)).Where(line => !line.Contains(reference, StringComparison.Ordinal)));

    private void WriteSdkPackage()
    {
        using var package = ZipFile.Open(Path.Combine(_root, "feed", $"Aspire.AppHost.Sdk.{SdkVersion}.nupkg"), ZipArchiveMode.Create);
        Add("Aspire.AppHost.Sdk.nuspec",
            $"""
            <package><metadata><id>Aspire.AppHost.Sdk</id><version>{SdkVersion}</version><authors>test</authors><description>test</description>
            <packageTypes><packageType name="MSBuildSdk" /></packageTypes></metadata></package>
            """);
        Add("Sdk/Sdk.props", """<Project><Import Project="Sdk.props" Sdk="Microsoft.NET.Sdk" /></Project>""");
        Add("Sdk/Sdk.targets",
            """
            <Project><ItemGroup><AssemblyMetadata Include="ToySdk" Value="Aspire's SDK" /></ItemGroup><Import Project="Sdk.targets" Sdk="Microsoft.NET.Sdk" /></Project>
            """);

        void Add(string name, string text)
        {
            using var writer = new StreamWriter(package.CreateEntry(name).Open());
            writer.Write(text);
        }
    }
}
