using LlmdAspire.EngineModel;
using LlmdAspire.Simulator.KvEvents;

namespace LlmdAspire.Simulator.Ranks;

/// <summary>One data-parallel rank: an engine of its own behind the port that all ranks share.</summary>
/// <param name="TransferId">What other engines call it when they copy its content.</param>
internal sealed record EngineRank(int Index, Engine Engine, KvEventPublisher? Events, string TransferId)
{
    private readonly Lock _door = new();

    /// <summary>Queues a request, unless it would have to wait behind <paramref name="mostWaiting"/> or more sequences.</summary>
    /// <returns>The request; null when the queue is full.</returns>
    public Generation? Submit(IReadOnlyList<SequenceRequest> sequences, long? arrived, int? mostWaiting)
    {
        if (mostWaiting is not { } most)
        {
            return Engine.Submit(sequences, arrived);
        }

        // One at a time, so that no two take the last place. Where the queue is bounded, a little order costs less than the load it keeps away.
        lock (_door)
        {
            return Engine.Load.Waiting >= most ? null : Engine.Submit(sequences, arrived);
        }
    }
}
