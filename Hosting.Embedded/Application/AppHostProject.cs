using System.Reflection;
using Aspire.Hosting;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>What the build wrote into the AppHost's assembly: its folder, and where each referenced project's output is.</summary>
internal sealed class AppHostProject
{
    /// <summary>Key of the folder, as the Aspire SDK names it.</summary>
    private const string DirectoryKey = "AppHostProjectPath";

    /// <summary>Prefix of the key that maps a project file to its built assembly.</summary>
    private const string TargetKeyPrefix = "AppHostProjectTarget:";

    private readonly Dictionary<string, string> _targets = [];

    private AppHostProject(Assembly? assembly)
    {
        foreach (var metadata in assembly?.GetCustomAttributes<AssemblyMetadataAttribute>() ?? [])
        {
            if (metadata.Key == DirectoryKey && System.IO.Directory.Exists(metadata.Value))
            {
                Directory = metadata.Value;
            }
            else if (metadata.Key.StartsWith(TargetKeyPrefix, StringComparison.Ordinal) && metadata.Value is not null)
            {
                _targets[Path.GetFullPath(metadata.Key[TargetKeyPrefix.Length..])] = metadata.Value;
            }
        }
    }

    /// <summary>Folder of the AppHost's project; null when the assembly was not built as an AppHost.</summary>
    public string? Directory { get; }

    public static AppHostProject Of(Assembly? assembly) => new(assembly);

    public static Assembly? FindAssembly(DistributedApplicationOptions options)
        => options.AssemblyName is { } name
            ? AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(a => a.GetName().Name == name) ?? Assembly.Load(name)
            : Assembly.GetEntryAssembly();

    /// <summary>The built assembly of a project.</summary>
    public string TargetOf(string resource, string projectPath)
    {
        if (!_targets.TryGetValue(Path.GetFullPath(projectPath), out var target))
        {
            throw new DistributedApplicationException($"Resource '{resource}': {projectPath} is not among the AppHost's project references; add it to the AppHost's project file.");
        }

        return File.Exists(target)
            ? target
            : throw new DistributedApplicationException($"Resource '{resource}': {target} does not exist; build the AppHost, which builds it.");
    }
}
