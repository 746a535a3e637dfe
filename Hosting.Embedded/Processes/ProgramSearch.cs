namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>Finds a program the way a shell does: on PATH, never in the current folder unless the name says so.</summary>
internal static class ProgramSearch
{
    /// <summary>The full path of <paramref name="name"/>, or null when there is no such program.</summary>
    /// <param name="name">A name to look up, or a path, which is taken relative to <paramref name="folder"/>.</param>
    /// <param name="folder">Where relative paths start.</param>
    /// <param name="path">The value of PATH to search.</param>
    public static string? Find(string name, string folder, string? path)
    {
        if (Path.IsPathRooted(name) || name.Contains('/', StringComparison.Ordinal) || name.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            return Spellings(Path.GetFullPath(name, Path.GetFullPath(folder))).FirstOrDefault(IsProgram);
        }

        return (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(Path.IsPathRooted)
            .SelectMany(entry => Spellings(Path.Combine(entry, name)))
            .FirstOrDefault(IsProgram);
    }

    /// <summary>As <see cref="Find(string, string, string?)"/>, on this process's own PATH.</summary>
    public static string? Find(string name) => Find(name, Environment.CurrentDirectory, Environment.GetEnvironmentVariable("PATH"));

    private static string[] Spellings(string path) =>
        OperatingSystem.IsWindows() && !Path.HasExtension(path) ? [path + ".exe", path + ".cmd"] : [path];

    private static bool IsProgram(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & AnyExecute) != 0);

    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
}
