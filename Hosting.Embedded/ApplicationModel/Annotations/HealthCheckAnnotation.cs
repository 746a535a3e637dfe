namespace Aspire.Hosting.ApplicationModel;

/// <summary>Ties a registered health check to the resource whose health it tells.</summary>
public class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    public string Key { get; } = key;
}
