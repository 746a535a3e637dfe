using System.Runtime.CompilerServices;

namespace LlmdAspire.Hosting.Embedded.Tests.Surface;

/// <summary>What Hosting.Embedded exports is a part of real Aspire, and no more than what is written down.</summary>
public sealed class SurfaceTests
{
    /// <summary>Set to 1 to write <c>Hosting.Embedded/surface.txt</c> instead of comparing with it.</summary>
    private const string RegenerateVariable = "LLMD_REGENERATE_SURFACE";

    private static readonly IReadOnlyList<string> s_exports = SurfacePrinter.Print(typeof(Aspire.Hosting.DistributedApplication).Assembly);

    [Fact]
    public void EveryExport_StandsInRealAspire()
    {
        var file = FindReference();
        Assert.SkipWhen(file is null, "shared/reference/aspire-surface.txt, the list of real Aspire's surface, is not beside the checkout");
        var real = File.ReadLines(file!).ToHashSet();
        var realInterfaces = real.Where(IsTypeLine).Select(Split).ToDictionary(line => line.Head, line => line.Interfaces);

        var strangers = s_exports.Where(line => !real.Contains(line) && !IsTypeWithFewerInterfaces(line, realInterfaces)).ToList();

        Assert.Equal([], strangers);
    }

    [Fact]
    public void Exports_AreThoseWrittenDown()
    {
        var file = Path.Combine(RepositoryRoot(), "Hosting.Embedded", "surface.txt");
        if (Environment.GetEnvironmentVariable(RegenerateVariable) == "1")
        {
            File.WriteAllLines(file, s_exports);
        }

        var written = File.ReadAllLines(file);

        Assert.True(written.SequenceEqual(s_exports), $"The surface changed; if that is meant, run this test with {RegenerateVariable}=1.\n"
            + string.Join('\n', s_exports.Except(written).Select(line => "+ " + line).Concat(written.Except(s_exports).Select(line => "- " + line))));
    }

    private static bool IsTypeLine(string line) => line.Contains(" type ", StringComparison.Ordinal) && !line.Contains("::", StringComparison.Ordinal);

    private static (string Head, string[] Interfaces) Split(string line)
    {
        var parts = line.Split(" ; ");
        return (parts[0], parts.Length > 1 ? SplitInterfaces(parts[1]) : []);
    }

    // Generic arguments are separated by commas without a space.
    private static string[] SplitInterfaces(string text) => text.Split(", ");

    private static bool IsTypeWithFewerInterfaces(string line, Dictionary<string, string[]> real)
    {
        if (!IsTypeLine(line))
        {
            return false;
        }

        var (head, interfaces) = Split(line);
        return real.TryGetValue(head, out var all) && interfaces.All(all.Contains);
    }

    private static string? FindReference()
    {
        for (var folder = new DirectoryInfo(RepositoryRoot()); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "shared", "reference", "aspire-surface.txt");
            if (File.Exists(file))
            {
                return file;
            }
        }

        return null;
    }

    private static string RepositoryRoot([CallerFilePath] string thisFile = "")
        => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", ".."));
}
