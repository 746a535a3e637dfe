namespace LlmdAspire.AppHost.Publish;

/// <summary>Engines of one role that are all alike.</summary>
/// <param name="Replicas">Pods.</param>
/// <param name="TensorParallel">GPUs that one rank is split over.</param>
/// <param name="DataParallel">Ranks of one pod.</param>
/// <param name="Cpu">CPUs of a pod.</param>
/// <param name="Memory">Memory of a pod.</param>
internal sealed record EngineGroup(int Replicas, int TensorParallel, int DataParallel, string Cpu, string Memory)
{
    /// <summary>GPUs that a node has, and so the most that a pod can get.</summary>
    public const int GpusPerNode = 8;

    /// <summary>GPUs of a pod.</summary>
    public int Gpus => TensorParallel * DataParallel;
}
