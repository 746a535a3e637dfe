namespace Aspire.Hosting.ApplicationModel;

/// <summary>The image that a container runs.</summary>
public sealed class ContainerImageAnnotation : IResourceAnnotation
{
    public string? Registry { get; set; }

    public required string Image { get; set; }

    public string? Tag { get; set; }

    /// <summary>Digest, which wins over the tag.</summary>
    public string? SHA256 { get; set; }
}

/// <summary>Whether a mount is a volume of the container runtime or a folder of the machine.</summary>
public enum ContainerMountType
{
    BindMount,
    Volume,
}

/// <summary>A folder inside a container that outlives it.</summary>
public sealed class ContainerMountAnnotation(string? source, string target, ContainerMountType type, bool isReadOnly) : IResourceAnnotation
{
    /// <summary>Volume name or host folder; null for an anonymous volume.</summary>
    public string? Source { get; } = source;

    public string Target { get; } = target;

    public ContainerMountType Type { get; } = type;

    public bool IsReadOnly { get; } = isReadOnly;
}

/// <summary>Adds arguments for the container runtime itself, such as <c>--gpus all</c>.</summary>
public sealed class ContainerRuntimeArgsCallbackAnnotation(Func<ContainerRuntimeArgsCallbackContext, Task> callback) : IResourceAnnotation
{
    public Func<ContainerRuntimeArgsCallbackContext, Task> Callback { get; } = callback;
}

/// <summary>The arguments of the container runtime, being filled.</summary>
public sealed class ContainerRuntimeArgsCallbackContext(IList<object> args, CancellationToken cancellationToken = default)
{
    public IList<object> Args { get; } = args;

    public CancellationToken CancellationToken { get; } = cancellationToken;
}
