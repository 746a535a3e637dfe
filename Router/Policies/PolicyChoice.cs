namespace LlmdAspire.Router.Policies;

/// <summary>A policy's answer.</summary>
/// <param name="Index">Of the chosen candidate.</param>
/// <param name="Reason">Why, one sentence for a person.</param>
internal readonly record struct PolicyChoice(int Index, string Reason)
{
    public PolicyOutcome Outcome { get; init; }
}

/// <summary>What a choice means for those who count.</summary>
internal enum PolicyOutcome
{
    /// <summary>Nothing to count.</summary>
    Plain,

    /// <summary>Sent to who holds enough of the prompt.</summary>
    PrefixHeld,

    /// <summary>Nobody holds enough of the prompt.</summary>
    PrefixUnknown,

    /// <summary>Loads had drifted too far apart to look at prompts.</summary>
    Rebalanced,
}
