namespace LlmdAspire.Scheduling.Handlers;

/// <summary>The prefill phase as the configuration has it: what there is to explain when it did not run.</summary>
/// <param name="Profile">The profile that chooses its endpoint.</param>
/// <param name="Threshold">Null when the decision does not depend on the prompt's length.</param>
public sealed record PrefillStage(string Profile, PrefillThreshold? Threshold);

/// <summary>From when on a prompt is prefilled on an endpoint of its own.</summary>
/// <param name="NonCachedTokens">At least so many of its tokens must be missing on the decode endpoint; 0 switches the phase off.</param>
/// <param name="PromptTokens">It must be at least so long.</param>
public sealed record PrefillThreshold(int NonCachedTokens, int PromptTokens);
