using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LlmdAspire.Hosting.Embedded.Processes;
using Microsoft.Extensions.Hosting;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Turns a resource of the model into the process to start.</summary>
internal sealed class LaunchPlanner(
    AppHostProject project,
    DistributedApplicationExecutionContext execution,
    IHostEnvironment environment,
    ResourceLoggerService loggers,
    ContainerLauncher containers)
{
    // Meant for the AppHost itself (dotnet run sets them from its launch profile), but inherited by every child that has none of its own.
    private static readonly string[] s_ownVariables = [AspNetCoreUrls.Variable, "ASPNETCORE_HTTPS_PORT", "DOTNET_LAUNCH_PROFILE"];

    /// <summary>Whether the resource becomes a process.</summary>
    public static bool CanRun(IResource resource) => resource is ExecutableResource or ContainerResource || resource.HasAnnotationOfType<IProjectMetadata>();

    /// <exception cref="DistributedApplicationException">The resource cannot be started; the message says why.</exception>
    public async Task<LaunchSpec> PlanAsync(IResource resource, CancellationToken cancellationToken)
    {
        var logger = loggers.GetLogger(resource);
        var arguments = await ExecutionValues.ArgumentsAsync(resource, execution, logger, cancellationToken);
        var variables = await ExecutionValues.EnvironmentAsync(resource, execution, logger, cancellationToken);

        if (resource.TryGetLastAnnotation<IProjectMetadata>(out var metadata))
        {
            return PlanProject(resource, metadata, arguments, variables);
        }

        return resource switch
        {
            ExecutableResource program => new LaunchSpec
            {
                Name = resource.Name,
                FileName = program.Command,
                Arguments = arguments,
                Environment = WithoutOwnVariables(variables),
                WorkingDirectory = program.WorkingDirectory,
            },
            ContainerResource container => await containers.PlanAsync(
                container, arguments, variables, await ExecutionValues.ContainerRuntimeArgumentsAsync(resource, execution, cancellationToken), cancellationToken),
            _ => throw new DistributedApplicationException($"Resource '{resource.Name}' is neither a project, a program nor a container."),
        };
    }

    private static Dictionary<string, string> WithoutOwnVariables(Dictionary<string, string> variables)
    {
        foreach (var name in s_ownVariables)
        {
            if (Environment.GetEnvironmentVariable(name) is not null)
            {
                variables.TryAdd(name, "");
            }
        }

        return variables;
    }

    private LaunchSpec PlanProject(IResource resource, IProjectMetadata metadata, List<string> arguments, Dictionary<string, string> variables)
    {
        // What --environment says to the AppHost holds for the services too.
        variables.TryAdd("DOTNET_ENVIRONMENT", environment.EnvironmentName);
        variables.TryAdd("ASPNETCORE_ENVIRONMENT", environment.EnvironmentName);
        return new LaunchSpec
        {
            Name = resource.Name,
            FileName = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet",
            Arguments = [project.TargetOf(resource.Name, metadata.ProjectPath), .. arguments],
            Environment = WithoutOwnVariables(variables),
            WorkingDirectory = Path.GetDirectoryName(metadata.ProjectPath)!,
        };
    }
}
