using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.AppHost.Tests.Images;

/// <summary>Makes images with the SDK, from what these tests were built with.</summary>
internal static class ImageBuild
{
    private static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Name.StartsWith("release", StringComparison.OrdinalIgnoreCase) ? "Release" : "Debug";

    private static string Mode { get; } =
        typeof(LlmdStack).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(metadata => metadata.Key == "AspireHosting").Value!;

    /// <summary>Runs <c>dotnet publish PROJECT -t:PublishContainer</c>.</summary>
    public static Task PublishAsync(string project, params string[] properties) =>
        RunAsync(["publish", ProjectFile(project), "--no-build", "-c", Configuration, "-t:PublishContainer", $"-p:AspireHosting={Mode}", .. properties]);

    /// <summary>The name that an image of a project would get, and the image that it would be made from.</summary>
    public static async Task<(string Name, string Base)> DescribeAsync(string project, params string[] properties)
    {
        var output = await RunAsync(
        [
            "msbuild", ProjectFile(project), $"-p:AspireHosting={Mode}", .. properties,
            "-t:ComputeContainerBaseImage", "-getProperty:ContainerRegistry,ContainerRepository,ContainerImageTag,ContainerBaseImage",
        ]);
        var values = JsonNode.Parse(output)!["Properties"]!;
        var registry = (string)values["ContainerRegistry"]!;
        return ($"{registry}{(registry.Length > 0 ? "/" : "")}{values["ContainerRepository"]}:{values["ContainerImageTag"]}", (string)values["ContainerBaseImage"]!);
    }

    private static string ProjectFile(string project, [CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..", project, $"{project}.csproj"));

    private static async Task<string> RunAsync(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true };
        // What a running build sets for its own children is not meant for another build.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Eventually.Timeout);
        Assert.True(process.ExitCode == 0, output);
        return output;
    }
}
