using System.Runtime.CompilerServices;

namespace LlmdAspire.Architecture.Tests;

/// <summary>The checkout these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));

    public static string ProjectFile(string project) => Path.Combine(Root, project, project + ".csproj");

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
