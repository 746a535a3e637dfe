namespace Aspire.Hosting.ApplicationModel;

/// <summary>The finished model: what will run.</summary>
public class DistributedApplicationModel(IResourceCollection resources)
{
    public IResourceCollection Resources { get; } = resources;
}
