using System.Globalization;

namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>The command line that runs a container in the foreground; the same for Docker and Podman.</summary>
/// <remarks>
/// Variables are passed by name, and the runtime's client takes their values from its own environment: a token on a command line
/// could be read by everyone on the machine. The exception are those that the client itself would obey, none of which is a secret.
/// </remarks>
internal static class ContainerCommand
{
    private static readonly string[] s_steering = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "LD_PRELOAD"];
    private static readonly string[] s_steeringPrefixes = ["DOCKER_", "CONTAINER_", "CONTAINERS_", "BUILDAH_", "XDG_"];

    /// <summary>The variables that the client must have in its environment to pass them on.</summary>
    public static IReadOnlyDictionary<string, string> ClientEnvironment(ContainerDescription container) =>
        container.Environment.Where(variable => !SteersTheClient(variable.Key)).ToDictionary(StringComparer.Ordinal);

    public static IReadOnlyList<string> Run(ContainerDescription container)
    {
        var command = new List<string> { "run", "--rm", "--name", container.Name };
        foreach (var (name, value) in container.Labels.OrderBy(label => label.Key, StringComparer.Ordinal))
        {
            command.AddRange(["--label", $"{name}={value}"]);
        }

        foreach (var (name, value) in container.Environment.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            command.AddRange(["-e", SteersTheClient(name) ? $"{name}={value}" : name]);
        }

        foreach (var port in container.Ports)
        {
            command.AddRange(["-p", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port.Host}:{port.Target}")]);
        }

        foreach (var mount in container.Mounts)
        {
            command.AddRange(["--mount", Mount(mount)]);
        }

        if (container.Entrypoint is not null)
        {
            command.AddRange(["--entrypoint", container.Entrypoint]);
        }

        return [.. command, .. container.RuntimeArguments, Image(container), .. container.Arguments];
    }

    private static bool SteersTheClient(string variable) =>
        s_steering.Contains(variable, StringComparer.Ordinal) || s_steeringPrefixes.Any(prefix => variable.StartsWith(prefix, StringComparison.Ordinal));

    private static string Image(ContainerDescription container) =>
        container.Tag is null ? container.Image : $"{container.Image}:{container.Tag}";

    private static string Mount(ContainerMount mount)
    {
        string[] parts =
        [
            mount.IsBind ? "type=bind" : "type=volume",
            .. mount.Source is null ? [] : (string[])[$"source={mount.Source}"],
            $"target={mount.Target}",
            .. mount.IsReadOnly ? (string[])["readonly"] : [],
        ];
        return string.Join(',', parts.Select(Quoted));
    }

    // The value is a line of comma-separated values to the runtimes, so a path with a comma needs CSV's quotes.
    private static string Quoted(string part) =>
        part.AsSpan().IndexOfAny(',', '"') < 0 ? part : $"\"{part.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
