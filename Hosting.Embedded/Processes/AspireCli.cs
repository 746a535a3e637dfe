using System.Runtime.InteropServices;

namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>Finds the Aspire CLI where its installers put it.</summary>
internal static class AspireCli
{
    public const string PathVariable = "ASPIRE_CLI_PATH";

    /// <summary>What to say where there is none.</summary>
    public static string HowToGet =>
        $"The Aspire dashboard needs the Aspire CLI: npm install {Package(SystemNames[0])}, or put 'aspire' on PATH, or set {PathVariable}.";

    private static string Program => OperatingSystem.IsWindows() ? "aspire.exe" : "aspire";

    private static string[] SystemNames =>
        OperatingSystem.IsWindows() ? ["win", "win32"] : OperatingSystem.IsMacOS() ? ["osx", "darwin"] : ["linux", "linux-musl"];

    /// <summary>
    /// The program, or null. What <see cref="PathVariable"/> names is taken as it is, so that a wrong value is complained about when it is started; an empty value stands for none.
    /// </summary>
    /// <param name="appHostDirectory">npm packages are looked for beside and above it.</param>
    /// <param name="setting">Reads a variable of the environment.</param>
    public static string? Find(string appHostDirectory, Func<string, string?> setting)
    {
        if (setting(PathVariable) is { } told)
        {
            return told.Length > 0 ? told : null;
        }

        return ProgramSearch.Find("aspire", appHostDirectory, setting("PATH"))
            ?? Candidates(appHostDirectory, setting).FirstOrDefault(File.Exists);
    }

    private static IEnumerable<string> Candidates(string appHostDirectory, Func<string, string?> setting)
    {
        for (var folder = new DirectoryInfo(appHostDirectory); folder is not null; folder = folder.Parent)
        {
            foreach (var program in InModules(Path.Combine(folder.FullName, "node_modules")))
            {
                yield return program;
            }
        }

        foreach (var program in GlobalModules(setting).SelectMany(InModules))
        {
            yield return program;
        }

        // The install script's and "dotnet tool install -g"'s folders, which a shell opened before has not on its PATH.
        if (Home(setting) is { Length: > 0 } home)
        {
            yield return Path.Combine(home, ".aspire", "bin", Program);
            yield return Path.Combine(home, ".dotnet", "tools", Program);
        }
    }

    // Alone, or below the package that picks the right one for the machine.
    private static IEnumerable<string> InModules(string modules) =>
        from folder in new[] { modules, Path.Combine(modules, "@microsoft", "aspire-cli", "node_modules") }
        from system in SystemNames
        select Path.Combine(folder, Package(system), "bin", Program);

    private static IEnumerable<string> GlobalModules(Func<string, string?> setting)
    {
        string?[] prefixes =
        [
            setting("NPM_CONFIG_PREFIX"),
            setting("npm_config_prefix"),
            // Global packages live beside the node that is in use.
            NodeFolder(setting) is { } node ? Path.GetDirectoryName(node) : null,
            Home(setting) is { Length: > 0 } home ? Path.Combine(home, ".npm-global") : null,
            "/usr/local",
            "/usr",
            "/opt/homebrew",
        ];
        foreach (var prefix in prefixes.OfType<string>().Where(prefix => prefix.Length > 0))
        {
            yield return OperatingSystem.IsWindows() ? Path.Combine(prefix, "node_modules") : Path.Combine(prefix, "lib", "node_modules");
        }

        if (setting("APPDATA") is { Length: > 0 } appData)
        {
            yield return Path.Combine(appData, "npm", "node_modules");
        }
    }

    private static string? NodeFolder(Func<string, string?> setting)
    {
        if (ProgramSearch.Find("node", Environment.CurrentDirectory, setting("PATH")) is not { } node)
        {
            return null;
        }

        var real = File.ResolveLinkTarget(node, returnFinalTarget: true)?.FullName ?? node;
        return Path.GetDirectoryName(real);
    }

    private static string? Home(Func<string, string?> setting) => setting(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME");

    private static string Package(string system) =>
        Path.Combine("@microsoft", $"aspire-cli-{system}-{(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64")}");
}
