namespace Aspire.Hosting.ApplicationModel;

/// <summary>How many pods of the resource a cluster runs; a run starts one process.</summary>
public sealed class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
{
    public int Replicas { get; } = replicas;
}
