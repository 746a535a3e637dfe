using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.KvIndexer.Events;
using LlmdAspire.Protocols.MessagePack;
using LlmdAspire.Protocols.MessagePack.KvEvents;
using LlmdAspire.Protocols.Zmtp;

namespace LlmdAspire.KvIndexer.Subscriptions;

/// <summary>What became of a batch.</summary>
internal enum Taken
{
    /// <summary>Its events are in the index, or it was here before.</summary>
    Done,

    /// <summary>Batches before it are missing and were not asked for yet; nothing has changed.</summary>
    NeedsReplay,

    /// <summary>Its publisher began anew and what it held is forgotten; batches before this one may be missing.</summary>
    NeedsReplayFromStart,

    /// <summary>It is not known whose blocks they are; nothing has changed.</summary>
    NeedsModel,

    /// <summary>It is no batch, or of nobody; counted and passed over.</summary>
    Unreadable,
}

/// <summary>Where a batch comes from, which decides what a jump in its sequence leads to.</summary>
internal enum Delivery
{
    /// <summary>From the publisher, for the first time.</summary>
    Live,

    /// <summary>From the publisher, once more after a replay.</summary>
    AfterReplay,

    /// <summary>From a replay.</summary>
    Replayed,
}

/// <summary>Takes batches in: judges the sequence, then applies the events. One line's batches, one at a time.</summary>
internal sealed class EventIntake(
    IEventOrigin origin, EndpointCatalog catalog, BatchApplier applier, IndexerMetrics metrics, TimeProvider clock, TimeSpan staleWindow, ILogger<EventLine> logger)
{
    private readonly KvEventBuffers _buffers = new();
    private bool _toldUnreadable;

    public Taken Take(ReadOnlySpan<byte> topic, long sequence, ReadOnlyMemory<byte> payload, ZmqPeer? peer, Delivery delivery)
    {
        var batch = new KvEventBatchReader(payload, _buffers);
        if (!batch.TryReadHeader() || !batch.TryPeekRank(out var rank))
        {
            return Unreadable(batch.Error is MessagePackError.None ? "the batch breaks off" : $"no batch of events: {batch.Error}");
        }

        if (origin.Resolve(topic, rank, peer, out var model) is not { } endpoint)
        {
            return Unreadable("the topic is not kv@ENDPOINT@MODEL, or there are too many endpoints");
        }

        if (model is null)
        {
            return Taken.NeedsModel;
        }

        var time = batch.Timestamp;
        lock (catalog.Gate)
        {
            if (Prepare(endpoint, sequence, time, delivery) is { } early)
            {
                return early;
            }

            if (delivery != Delivery.Replayed)
            {
                endpoint.LagSeconds = Math.Max(0, (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds - time);
            }

            endpoint.Sequence.Take(sequence, time);
        }

        applier.Apply(endpoint, model, ref batch);
        endpoint.Applied = new StreamPosition(sequence, time);
        return Taken.Done;
    }

    /// <summary>What an endpoint knows may be gone, since events of it are lost for good.</summary>
    public void Doubt(IndexedEndpoint endpoint)
    {
        lock (catalog.Gate)
        {
            endpoint.Blocks.Doubt(clock.GetUtcNow() + staleWindow);
        }

        Log.GapStays(logger, endpoint.Name, staleWindow.TotalSeconds);
    }

    /// <summary>The engine began anew.</summary>
    public void Restart(IndexedEndpoint endpoint)
    {
        lock (catalog.Gate)
        {
            endpoint.Blocks.Clear();
            endpoint.Parked.Clear();
            endpoint.Sequence.Restart();
            endpoint.Applied = null;
        }

        Log.Restarted(logger, endpoint.Name);
    }

    public Taken Unreadable(string reason)
    {
        metrics.Events(0, 0, 1);
        if (!_toldUnreadable)
        {
            _toldUnreadable = true;
            Log.Unreadable(logger, origin.Name, reason);
        }

        return Taken.Unreadable;
    }

    // Null when the batch is to be applied.
    private Taken? Prepare(IndexedEndpoint endpoint, long sequence, double time, Delivery delivery)
    {
        var replayable = origin.Replay is not null && delivery == Delivery.Live;
        switch (endpoint.Sequence.Judge(sequence, time))
        {
            case Arrival.Duplicate:
                return Taken.Done;
            case Arrival.Restart:
                Restart(endpoint);
                return sequence > 0 && (replayable || delivery == Delivery.Replayed) ? Taken.NeedsReplayFromStart : null;
            case Arrival.Gap:
                if (delivery != Delivery.AfterReplay)
                {
                    endpoint.Sequence.CountGap();
                    Log.Gap(logger, endpoint.Name, endpoint.Sequence.Last ?? -1, sequence);
                }

                if (replayable)
                {
                    return Taken.NeedsReplay;
                }

                Doubt(endpoint);
                return null;
            default:
                return null;
        }
    }
}
