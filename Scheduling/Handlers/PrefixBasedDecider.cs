using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Handlers;

/// <summary>Prefills elsewhere when the decode endpoint would have to compute many tokens itself.</summary>
/// <param name="nonCachedTokens">At least so many tokens must be missing there; 0 switches disaggregation off.</param>
/// <param name="promptTokens">The prompt must be at least so long.</param>
/// <param name="producer">Whose word counts on what is cached.</param>
internal sealed class PrefixBasedDecider(int nonCachedTokens, int promptTokens, string producer) : IDisaggregationDecider
{
    public PrefillThreshold? Threshold { get; } = new(nonCachedTokens, promptTokens);

    public bool IsWorthwhile(SchedulingContext context, EngineEndpoint decode)
    {
        if (nonCachedTokens <= 0 || context.PrefixesOf(producer) is not { } matches)
        {
            return false;
        }

        var prompt = matches.PromptTokens;
        // Whole blocks as they are: a block in a slower tier is still not computed again.
        var cached = (long)matches.BlocksOn(decode) * matches.BlockSize;
        return prompt >= promptTokens && prompt >= nonCachedTokens && prompt - cached >= nonCachedTokens;
    }
}
