using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LlmdAspire.Hosting.Embedded.Processes;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Turns a container of the model into the call of a container runtime that runs it.</summary>
internal sealed class ContainerLauncher(ContainerRuntime runtime, ConsoleLog console)
{
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];

    public async Task<LaunchSpec> PlanAsync(
        ContainerResource container, List<string> arguments, Dictionary<string, string> variables, List<string> runtimeArguments, CancellationToken cancellationToken)
    {
        var answer = await runtime.FindAsync();
        if (answer.Program is null)
        {
            if (container is RedisResource redis && await LocalRedis.PlanAsync(redis, cancellationToken) is { } local)
            {
                console.Line(container.Name, "Runs this machine's redis-server. " + answer.Reason, isError: false);
                return local;
            }

            throw new DistributedApplicationException(container is RedisResource ? $"{answer.Reason} A redis-server on PATH would do, too." : answer.Reason!);
        }

        if (!container.TryGetContainerImageName(out var image))
        {
            throw new DistributedApplicationException("it has no image; call WithImage.");
        }

        return ContainerRuntime.Launch(answer.Program, container.Name, new ContainerDescription
        {
            Name = $"{container.Name}-{_run}",
            Image = image,
            Entrypoint = container.Entrypoint,
            Arguments = arguments,
            Environment = variables,
            Ports = PortsOf(container),
            Mounts = [.. container.Annotations.OfType<ContainerMountAnnotation>()
                .Select(mount => new ContainerMount(mount.Source, mount.Target, mount.Type == ContainerMountType.BindMount, mount.IsReadOnly))],
            RuntimeArguments = [.. HostName(answer.IsPodman), .. runtimeArguments],
        });
    }

    private static ContainerPort[] PortsOf(ContainerResource container)
        => [.. container.Annotations.OfType<EndpointAnnotation>()
            .Where(endpoint => endpoint.AllocatedEndpoint is not null)
            .Select(endpoint => new ContainerPort(endpoint.AllocatedEndpoint!.Port, endpoint.TargetPort ?? endpoint.AllocatedEndpoint.Port))];

    // Docker Desktop and Podman know the host by this name; plain Docker has to be told.
    private static string[] HostName(bool isPodman) => isPodman ? [] : ["--add-host", $"{ContainerHost.Name}:host-gateway"];
}
