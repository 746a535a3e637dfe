namespace Aspire.Hosting;

/// <summary>How one engine spreads over nodes: a leader, which serves, and workers, which compute for it.</summary>
/// <param name="Count">Pods of an engine.</param>
/// <param name="RanksPerNode">Data-parallel ranks of each pod; 0 when the pods share the tensors of the only rank.</param>
/// <param name="WorkerLabels">Labels of the workers besides their component, which is another than the leader's; by them nothing may take a worker for something that serves.</param>
public sealed record EngineNodes(int Count, int RanksPerNode, IReadOnlyDictionary<string, string> WorkerLabels);
