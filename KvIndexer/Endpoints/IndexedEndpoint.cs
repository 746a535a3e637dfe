using LlmdAspire.KvIndexer.Events;

namespace LlmdAspire.KvIndexer.Endpoints;

/// <summary>One endpoint whose events are followed: an engine's rank, with what it holds and how its event stream fares.</summary>
/// <remarks>Changed under the catalog's lock; the counts may be read at any time.</remarks>
internal sealed class IndexedEndpoint(int number, IndexedEngine engine, int rank, EndpointBlocks blocks)
{
    /// <summary>Its number in the index.</summary>
    public int Number => number;

    public IndexedEngine Engine => engine;

    public int Rank => rank;

    public string Name => engine.NameOf(rank);

    public EndpointBlocks Blocks => blocks;

    /// <summary>Where its event stream stands.</summary>
    public EventSequence Sequence { get; } = new();

    /// <summary>The last batch whose events are all in the index; null before the first.</summary>
    public StreamPosition? Applied { get; set; }

    /// <summary>Stores whose parent has not been announced.</summary>
    public ParkedStores Parked { get; } = new();

    /// <summary>Which KV-cache groups count for prefixes.</summary>
    public GroupKinds Groups { get; } = new();

    /// <summary>How old the last batch was when it arrived.</summary>
    public double LagSeconds { get; set; }

    /// <summary>Whether the line to its publisher stands.</summary>
    public bool Connected { get; set; }

    /// <summary>How many of our blocks one of the engine's is.</summary>
    public int PartsPerBlock { get; set; } = 1;

    /// <summary>Whether an event of another block size was refused; told once.</summary>
    public bool ToldBlockSize { get; set; }
}
