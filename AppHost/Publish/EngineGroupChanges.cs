namespace LlmdAspire.AppHost.Publish;

/// <summary>What options say of the engines of a role; null where they say nothing.</summary>
internal sealed record EngineGroupChanges(int? TensorParallel, int? DataParallel, int? Nodes, string? Cpu, string? Memory, string? SharedMemory, ReplicaRange? Range)
{
    /// <summary>The engines with these changes.</summary>
    public EngineGroup Over(EngineGroup defaults) => defaults with
    {
        TensorParallel = TensorParallel ?? defaults.TensorParallel,
        DataParallel = DataParallel ?? defaults.DataParallel,
        Nodes = Nodes ?? defaults.Nodes,
        Cpu = Cpu ?? defaults.Cpu,
        Memory = Memory ?? defaults.Memory,
        SharedMemory = SharedMemory ?? defaults.SharedMemory,
        Range = Range,
    };
}
