namespace LlmdAspire.Scheduling.Saturation;

/// <summary>What fills an endpoint.</summary>
internal enum ConcurrencyMode
{
    Requests,
    Tokens,

    /// <summary>Whichever fills it more.</summary>
    Hybrid,
}
