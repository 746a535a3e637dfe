namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>A container to run, in words that every runtime understands.</summary>
internal sealed record ContainerDescription
{
    /// <summary>Unique name of the container on this machine.</summary>
    public required string Name { get; init; }

    public required string Image { get; init; }

    /// <summary>Tag, or null when the image names its digest or its tag already.</summary>
    public string? Tag { get; init; }

    /// <summary>Replaces the image's entrypoint.</summary>
    public string? Entrypoint { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The container's variables. Only their names stand on the command line, which others can read; see <see cref="ContainerCommand"/>.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<ContainerPort> Ports { get; init; } = [];

    public IReadOnlyList<ContainerMount> Mounts { get; init; } = [];

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>What only this runtime understands, such as <c>--gpus all</c>; placed last before the image, so that it has the last word.</summary>
    public IReadOnlyList<string> RuntimeArguments { get; init; } = [];
}

/// <summary>A port of the container and where it is reachable on this machine's loopback address.</summary>
internal readonly record struct ContainerPort(int Host, int Target);

/// <summary>A volume or a folder of this machine, seen by the container.</summary>
/// <param name="Source">A volume's name (null: an anonymous one) or a folder's path.</param>
/// <param name="Target">Path in the container.</param>
/// <param name="IsBind">Whether the source is a folder of this machine.</param>
/// <param name="IsReadOnly">Whether the container may only read.</param>
internal readonly record struct ContainerMount(string? Source, string Target, bool IsBind, bool IsReadOnly = false);
