namespace LlmdAspire.AppHost;

/// <summary>A port the user chose.</summary>
/// <param name="Option">Name of the option, for messages.</param>
/// <param name="Port">The port; 0 stands for any free one.</param>
/// <param name="PreferredPort">Where the search for a free one begins.</param>
internal readonly record struct PortChoice(string Option, int Port, int PreferredPort)
{
    /// <summary>The chosen port, or a free one.</summary>
    /// <exception cref="DistributedApplicationException">The chosen port is in use.</exception>
    public int OrTake()
    {
        if (Port == 0)
        {
            return LocalPorts.Take(PreferredPort);
        }

        return LocalPorts.TryTake(Port)
            ? Port
            : throw new DistributedApplicationException(
                $"--{Option} {Port} is in use; stop what uses it, choose another port, or 0 for any free one.");
    }
}
