using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.Protocols.Zmtp;

namespace LlmdAspire.KvIndexer.Subscriptions;

/// <summary>Says whose events arrive on a line. Used by one line only, one call at a time.</summary>
internal interface IEventOrigin
{
    /// <summary>What a log calls it.</summary>
    string Name { get; }

    /// <summary>Where lost events can be asked for again, or null.</summary>
    string? Replay { get; }

    /// <summary>The endpoint whose sequence a replay continues; null where a line carries several engines.</summary>
    IndexedEndpoint? Main { get; }

    /// <summary>Finds the endpoint of a batch; null when it tells none or there are too many.</summary>
    /// <param name="topic">First frame of the message.</param>
    /// <param name="rank">The batch's rank, if it says one.</param>
    /// <param name="peer">The connection it came from; null for replayed ones.</param>
    /// <param name="model">Whose blocks they are; null when <see cref="LearnModelAsync"/> must be asked first.</param>
    IndexedEndpoint? Resolve(ReadOnlySpan<byte> topic, int? rank, ZmqPeer? peer, out string? model);

    /// <summary>Finds out the model by asking the engine. False when it did not answer.</summary>
    Task<bool> LearnModelAsync(CancellationToken cancellation);

    /// <summary>Told when the line to a publisher stands or breaks.</summary>
    void OnLine(ZmqEvent change);
}
