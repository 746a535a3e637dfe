using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Policies;

/// <summary>Chooses one of the workers that may serve a request.</summary>
/// <remarks>
/// Called on the request path by many requests at once: no I/O, no locks held, no allocation. Health, breakers, drains and models are
/// settled before: every candidate may be chosen. Asked once per attempt, and again when the choice was tried in vain.
/// </remarks>
internal interface IRoutingPolicy
{
    /// <summary>Name as <c>--policy</c> spells it.</summary>
    string Name { get; }

    /// <summary>Chooses for a request that will be sent.</summary>
    /// <param name="candidates">At least one worker.</param>
    /// <returns>Index of the chosen candidate.</returns>
    int Choose(in RoutingRequest request, ReadOnlySpan<Worker> candidates);

    /// <summary>What <see cref="Choose"/> would say next, without leaving a trace in the policy.</summary>
    int Preview(in RoutingRequest request, ReadOnlySpan<Worker> candidates);

    /// <summary>Why the choice fell as it did, one sentence for a person.</summary>
    string Reason { get; }
}

/// <summary>What a policy may look at.</summary>
internal readonly record struct RoutingRequest(string Path, RequestPeek Peek, IHeaderDictionary Headers);
