using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Hosting.Embedded.Tests.Publish;

/// <summary>The program that real Aspire published a chart from publishes the same chart here, byte for byte.</summary>
public sealed class ReferenceChartTests : IDisposable
{
    private static readonly string s_program = Path.Combine(AppContext.BaseDirectory, "LlmdAspire.ReferenceAppHost.dll");

    private readonly string _output = Directory.CreateTempSubdirectory("llmd-chart-").FullName;

    public void Dispose() => Directory.Delete(_output, recursive: true);

    [Fact]
    public async Task ReferenceProgram_PublishesRealAspiresChart()
    {
        Assert.SkipUnless(File.Exists(s_program), "shared/reference/aspire-publish is not beside the checkout");
        var expected = FilesOf(Path.Combine(ReferenceFolder.Path!, "aspire-publish", "chart"));

        await PublishAsync();

        var written = FilesOf(_output);
        Assert.Equal(expected.Keys, written.Keys);
        foreach (var (file, text) in expected)
        {
            Assert.Equal(text, written[file]);
        }
    }

    [Fact]
    public async Task PublishingTwice_WritesTheSameBytes()
    {
        Assert.SkipUnless(File.Exists(s_program), "shared/reference/aspire-publish is not beside the checkout");
        await PublishAsync();
        var first = FilesOf(_output);

        await PublishAsync();

        Assert.Equal(first, FilesOf(_output));
    }

    private async Task PublishAsync()
    {
        await using var appHost = ChildProgram.Start("dotnet", [s_program, "--operation", "publish", "--step", "publish", "--output-path", _output]);
        var exitCode = await appHost.WaitForExitAsync();
        Assert.True(exitCode == 0, string.Join('\n', appHost.Output.Concat(appHost.Errors)));
    }

    private static SortedDictionary<string, string> FilesOf(string folder) => new(
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .ToDictionary(file => Path.GetRelativePath(folder, file), file => System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file))),
        StringComparer.Ordinal);
}
