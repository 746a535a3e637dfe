using LlmdAspire.KvIndexer.Endpoints;

namespace LlmdAspire.KvIndexer.Sharing;

/// <summary>How one endpoint here relates to its state in the shared store. Used by the sharing loop alone.</summary>
internal sealed class SharedEndpoint(IndexedEndpoint endpoint)
{
    public IndexedEndpoint Endpoint => endpoint;

    /// <summary>Its name there, always with the rank: whether a name shows it differs from replica to replica.</summary>
    public string Name { get; } = endpoint.Engine.Address.WithRank(endpoint.Rank).ToString();

    /// <summary>Whether this replica writes it.</summary>
    public bool IsOwned => endpoint.Blocks.Journal is not null;

    /// <summary>Whether what is here was read from there.</summary>
    public bool IsMirrored { get; set; }

    /// <summary>Whether its line stood when the store was asked last.</summary>
    public bool IsMet { get; set; }

    /// <summary>The version there that agrees with what is here; empty when none does.</summary>
    public string Version { get; set; } = "";

    /// <summary>The header that was written or read last.</summary>
    public SharedHeader? Header { get; set; }

    /// <summary>When its owner was last heard of, as the clock's timestamp.</summary>
    public long Heard { get; set; }

    /// <summary>Whether the store may know more than the events here: the line is down, or nothing came over it yet.</summary>
    public bool MayBeRead => !endpoint.Connected || (endpoint.Sequence is { Last: null, Restarts: 0 } && endpoint.Blocks.Count == 0);
}
