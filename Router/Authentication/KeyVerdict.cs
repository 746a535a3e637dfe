namespace LlmdAspire.Router.Authentication;

/// <summary>What is known of a client's key.</summary>
internal enum KeyVerdict
{
    /// <summary>A validation server knows it.</summary>
    Valid,

    /// <summary>All validation servers answered, and none knows it.</summary>
    Invalid,

    /// <summary>None that answered knows it, and one did not answer.</summary>
    Unknown,
}
