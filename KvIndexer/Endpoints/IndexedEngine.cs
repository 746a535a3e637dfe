using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.KvIndexer.Endpoints;

/// <summary>An engine: one address, one or several data-parallel ranks.</summary>
internal sealed class IndexedEngine(EndpointId address, int ranks)
{
    private volatile bool _hasRanks = ranks > 1;

    /// <summary>Its address without a rank.</summary>
    public EndpointId Address => address;

    /// <summary>Whether its endpoints are named with their rank: there are several, or events of a rank above 0 came.</summary>
    public bool HasRanks => _hasRanks;

    public void Saw(int rank) => _hasRanks |= rank > 0;

    /// <summary>The name of one of its endpoints.</summary>
    public string NameOf(int rank) => (HasRanks ? address.WithRank(rank) : address).ToString();

    /// <summary>Whether a name that a client wrote means one of its endpoints; without a rank it means all.</summary>
    public bool Answers(EndpointId name, int rank) =>
        name.WithoutRank() == address && (name.Rank is not { } wanted || wanted == rank);
}
