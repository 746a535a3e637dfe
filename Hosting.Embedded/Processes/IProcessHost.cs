namespace LlmdAspire.Hosting.Embedded.Processes;

/// <summary>Starts the processes of a run and sees to it that none outlives the AppHost, however the AppHost dies.</summary>
/// <remarks>Thread-safe. Disposing stops what still runs.</remarks>
internal interface IProcessHost : IAsyncDisposable
{
    /// <summary>Starts a process; throws <see cref="InvalidOperationException"/> naming the program when it cannot be started.</summary>
    /// <param name="spec">What to start.</param>
    /// <param name="onLine">Called once per line of output, in order per stream, from a pool thread; the flag says standard error.</param>
    IRunningProcess Start(LaunchSpec spec, Action<string, bool> onLine);
}

/// <summary>A started process.</summary>
internal interface IRunningProcess
{
    int Id { get; }

    /// <summary>Completes with the exit code, after the last line of output was delivered; 128 + n for signal n.</summary>
    Task<int> Exited { get; }

    /// <summary>Asks politely (SIGTERM), then kills the process and its descendants when <paramref name="grace"/> is over.</summary>
    Task StopAsync(TimeSpan grace);
}

/// <summary>What to start.</summary>
internal sealed record LaunchSpec
{
    /// <summary>Resource name, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>Program: a path, or a name looked up on PATH.</summary>
    public required string FileName { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Added to the AppHost's own environment; a later value wins.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public required string WorkingDirectory { get; init; }

    /// <summary>Name of the container this process runs in the foreground, so that it is removed with the process; null for plain processes.</summary>
    public string? ContainerName { get; init; }
}
