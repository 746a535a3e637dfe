using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using LlmdAspire.Hosting.Embedded.Processes;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>What a snapshot tells about a resource's process.</summary>
internal static class ProcessProperties
{
    private const string Path = "executable.path";
    private const string Pid = "executable.pid";
    private const string WorkDir = "executable.workDir";
    private const string Args = "executable.args";

    public static ImmutableArray<ResourcePropertySnapshot> Add(ImmutableArray<ResourcePropertySnapshot> properties, LaunchSpec spec, int processId)
        => [
            .. Without(properties, Path, Pid, WorkDir, Args),
            new(Path, spec.FileName),
            new(WorkDir, spec.WorkingDirectory),
            new(Args, spec.Arguments),
            new(Pid, processId),
        ];

    /// <summary>The process is gone, and its number may soon be another's.</summary>
    public static ImmutableArray<ResourcePropertySnapshot> Remove(ImmutableArray<ResourcePropertySnapshot> properties) => Without(properties, Pid);

    private static ImmutableArray<ResourcePropertySnapshot> Without(ImmutableArray<ResourcePropertySnapshot> properties, params string[] names)
        => properties.RemoveAll(property => names.Contains(property.Name));
}
