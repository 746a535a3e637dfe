using LlmdAspire.Epp.Objectives;
using LlmdAspire.Protocols.Kubernetes;

namespace LlmdAspire.Epp.Kubernetes;

/// <summary>Keeps the priorities those of the pool's InferenceObjectives. Nobody waits for them: without, all requests are equal.</summary>
internal sealed class ClusterObjectives(
    ClusterSource source, ApiClient api, ObjectiveTable table, TimeProvider clock, Random random, ILogger<ClusterObjectives> logger) : BackgroundService
{
    /// <summary>How far they can be followed.</summary>
    public WatchedPart Part { get; } = new("inferenceobjectives", logger);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await new ResourceWatch<ClusterObjective>(api, source.Objectives, ClusterObjective.Read, new ResourceWatchOptions(), clock, random).RunAsync(Change, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private void Change(ResourceState<ClusterObjective> state)
    {
        Part.Note(state.Fault);
        table.Set(state.Items.Values.Where(objective => objective.Pool == source.Pool).Select(objective => KeyValuePair.Create(objective.Name, objective.Priority)));
    }
}
