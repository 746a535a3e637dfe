using System.Runtime.CompilerServices;

namespace LlmdAspire.AppHost.Tests.Publish;

/// <summary>Compares with a file of <c>tests/Snapshots</c>, which is reviewed like code.</summary>
internal static class Snapshot
{
    /// <summary>Set to 1 to write the files instead of comparing with them.</summary>
    private const string RegenerateVariable = "LLMD_REGENERATE_SNAPSHOTS";

    public static void Matches(string name, IEnumerable<KeyValuePair<string, string>> files)
    {
        var path = Path.Combine(Folder(), name);
        var text = string.Concat(files.Select(file => $"# {file.Key.Replace('\\', '/')}\n{file.Value}\n"));
        if (Environment.GetEnvironmentVariable(RegenerateVariable) == "1")
        {
            Directory.CreateDirectory(Folder());
            File.WriteAllText(path, text);
        }

        Assert.True(File.Exists(path), $"There is no {path}; {RegenerateVariable}=1 writes it.");
        Assert.Equal(File.ReadAllText(path), text);
    }

    private static string Folder([CallerFilePath] string thisFile = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "Snapshots"));
}
