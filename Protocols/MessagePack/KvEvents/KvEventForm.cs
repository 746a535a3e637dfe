namespace LlmdAspire.Protocols.MessagePack.KvEvents;

/// <summary>How events are written; the batch around them is an array in both.</summary>
public enum KvEventForm
{
    /// <summary>Maps with the tag under <c>type</c>: vLLM 0.24 and later.</summary>
    Map,

    /// <summary>Positional arrays: vLLM 0.9 to 0.23, and SGLang.</summary>
    Array,
}
