namespace LlmdAspire.ServiceDefaults.Draining;

/// <summary>Tells that <c>--drain-timeout</c> is over, a moment before connections are cut: time for a last word to clients.</summary>
public sealed class DrainDeadline
{
    /// <summary>Raised once; who listens ends what it is doing and must not block.</summary>
    public event Action? Passed;

    /// <returns>Whether anybody has something to say.</returns>
    internal bool Pass()
    {
        Passed?.Invoke();
        return Passed is not null;
    }
}
