using System.Buffers;
using LlmdAspire.Router.Policies.Prefixes;
using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Policies;

/// <summary>Chooses one of the workers that may serve a request.</summary>
/// <remarks>
/// Called on the request path by many requests at once: no I/O, no waiting, nothing allocated for looking. Health, breakers, drains and models are
/// settled before: every candidate may be chosen. Asked once per attempt, and again among the others when the choice was tried in vain.
/// It neither logs nor counts: whoever asks sees the outcome and does.
/// </remarks>
internal interface IRoutingPolicy
{
    /// <summary>Name as <c>--policy</c> spells it.</summary>
    string Name { get; }

    /// <summary>What it weighs candidates by, as <c>/explain</c> names it; null when it only counts requests in flight.</summary>
    string? ScoreName => null;

    /// <summary>Chooses for a request that will be sent.</summary>
    /// <param name="candidates">At least one worker.</param>
    /// <param name="scores">One per candidate, all 0, for a policy that has a <see cref="ScoreName"/> to write to; else empty.</param>
    PolicyChoice Choose(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores);

    /// <summary>What <see cref="Choose"/> would say next, without leaving a trace in the policy.</summary>
    PolicyChoice Preview(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores);
}

/// <summary>What a policy may look at.</summary>
/// <param name="Body">The whole body, in which the peek's offsets count; valid during the call only.</param>
internal readonly record struct RoutingRequest(string Path, RequestPeek Peek, IHeaderDictionary Headers, ReadOnlySequence<byte> Body)
{
    /// <summary>What the KvIndexer said; null where nobody asked it.</summary>
    public HeldPrefixes? Held { get; init; }
}
