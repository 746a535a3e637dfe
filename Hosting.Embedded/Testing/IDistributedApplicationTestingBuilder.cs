namespace Aspire.Hosting.Testing;

/// <summary>An application that a test may still change before it is built.</summary>
public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    /// <summary>Builds the application; disposing it ends everything, the AppHost's own code included.</summary>
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}
