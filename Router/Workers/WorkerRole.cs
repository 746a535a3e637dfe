namespace LlmdAspire.Router.Workers;

/// <summary>What a worker is there for.</summary>
internal enum WorkerRole
{
    /// <summary>Does both stages of a request.</summary>
    Regular,

    /// <summary>Computes prompts and hands their KV blocks over.</summary>
    Prefill,

    /// <summary>Takes KV blocks and generates; can do both stages when it must.</summary>
    Decode,
}
