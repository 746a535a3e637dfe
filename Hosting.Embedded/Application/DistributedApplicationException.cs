namespace Aspire.Hosting;

/// <summary>A mistake in the model, or a failure of the run that the user can do something about; the message says what.</summary>
public class DistributedApplicationException : Exception
{
    public DistributedApplicationException()
    {
    }

    public DistributedApplicationException(string message)
        : base(message)
    {
    }

    public DistributedApplicationException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
