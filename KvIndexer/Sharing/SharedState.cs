using LlmdAspire.KvIndexer.Endpoints;
using LlmdAspire.KvIndexer.Events;

namespace LlmdAspire.KvIndexer.Sharing;

/// <summary>What an endpoint's state is besides its blocks.</summary>
/// <param name="At">The last batch that is in it.</param>
/// <param name="PartsPerBlock">How many of our blocks one of the engine's is.</param>
/// <param name="IsDoubtful">Whether some of it was known before events were lost.</param>
internal sealed record SharedHeader(StreamPosition? At, int PartsPerBlock, bool IsDoubtful)
{
    /// <summary>What an endpoint's is now. Call it under the catalog's lock.</summary>
    public static SharedHeader Of(IndexedEndpoint endpoint) => new(endpoint.Applied, endpoint.PartsPerBlock, endpoint.Blocks.IsDoubtful);
}

/// <summary>An endpoint as the shared store lists it.</summary>
/// <param name="Name">Its address, always with the rank.</param>
/// <param name="Owner">The replica that writes it, or nobody.</param>
/// <param name="IsOwnerAlive">Whether that replica was heard of lately.</param>
/// <param name="Version">Changes with every write; empty before the first.</param>
internal sealed record SharedRow(string Name, string Owner, bool IsOwnerAlive, string Version);

/// <summary>Changes of an endpoint, as one replica tells the others.</summary>
/// <param name="Name">The endpoint.</param>
/// <param name="Before">The version they apply to; null when the whole state was written, which must be read then.</param>
/// <param name="After">The version they lead to.</param>
/// <param name="Header">The header from then on.</param>
/// <param name="Cleared">Whether everything known before goes first.</param>
/// <param name="Changes">Blocks and their keys; no key where a block is gone.</param>
internal sealed record SharedChange(
    string Name, string? Before, string After, SharedHeader Header, bool Cleared, IReadOnlyList<KeyValuePair<BlockHandle, ulong?>> Changes);
