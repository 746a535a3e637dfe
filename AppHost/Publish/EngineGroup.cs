namespace LlmdAspire.AppHost.Publish;

/// <summary>Engines of one role that are all alike.</summary>
/// <param name="Replicas">Engines.</param>
/// <param name="TensorParallel">GPUs that one rank is split over.</param>
/// <param name="DataParallel">Ranks of one engine.</param>
/// <param name="Cpu">CPUs of a pod.</param>
/// <param name="Memory">Memory of a pod.</param>
internal sealed record EngineGroup(int Replicas, int TensorParallel, int DataParallel, string Cpu, string Memory)
{
    /// <summary>Size of <c>/dev/shm</c> of a pod.</summary>
    public string SharedMemory { get; init; } = "16Gi";

    /// <summary>Pods of one engine, each on a node of its own.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>How many engines there may be; null when their number is fixed.</summary>
    public ReplicaRange? Range { get; init; }

    /// <summary>GPUs of a pod.</summary>
    public int GpusPerPod => TensorParallel * DataParallel / Nodes;

    /// <summary>Ranks of a pod when nodes share the ranks; 0 when they share the only one.</summary>
    public int RanksPerNode => DataParallel / Nodes;

    /// <summary>Whether nodes get equal shares: of the ranks, or of the only rank.</summary>
    public bool IsEven => DataParallel % Nodes == 0 || (DataParallel == 1 && TensorParallel % Nodes == 0);
}
