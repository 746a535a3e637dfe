namespace LlmdAspire.KvIndexer.Endpoints;

/// <summary>What became of a handle that was to be added.</summary>
internal enum HandleAddition
{
    Added,

    /// <summary>It was there; nothing has changed.</summary>
    Known,

    /// <summary>Nothing has changed.</summary>
    NoMemory,
}
