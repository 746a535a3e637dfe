namespace LlmdAspire.EngineModel;

/// <summary>Why a sequence ended.</summary>
public enum FinishReason
{
    /// <summary>It has not.</summary>
    None,

    /// <summary>The model was done, or a stop string or stop token came.</summary>
    Stop,

    /// <summary>The token limit was reached.</summary>
    Length,

    /// <summary>The client went away or the engine is closing.</summary>
    Abort,

    /// <summary>Too little of the prompt was cached, so it was not computed: another engine is to do it.</summary>
    CacheThreshold,
}
