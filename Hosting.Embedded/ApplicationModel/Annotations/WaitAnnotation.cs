namespace Aspire.Hosting.ApplicationModel;

/// <summary>The resource starts only after another one has got somewhere.</summary>
public sealed class WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0) : IResourceAnnotation
{
    public IResource Resource { get; } = resource;

    public WaitType WaitType { get; } = waitType;

    /// <summary>What to do when the other resource fails; null takes the application's default.</summary>
    public WaitBehavior? WaitBehavior { get; init; }

    /// <summary>Expected exit code of a resource whose completion is waited for.</summary>
    public int ExitCode { get; } = exitCode;
}

/// <summary>How far the other resource must have got.</summary>
public enum WaitType
{
    WaitUntilHealthy,
    WaitForCompletion,
    WaitUntilStarted,
}

/// <summary>What to do when the other resource fails.</summary>
public enum WaitBehavior
{
    WaitOnResourceUnavailable,
    StopOnResourceUnavailable,
}
