using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.KvIndex;

namespace LlmdAspire.Router.Policies.Prefixes;

/// <summary>Sends a prompt to who holds most of it, as the KvIndexer knows from the engines' own events; without its answer as <c>cache_aware</c> does.</summary>
/// <remarks>The index was asked before, and its answer stands in the request. What was sent where is remembered all the time, so that it is known when the index is away.</remarks>
internal sealed class KvAwarePolicy(CacheAwareOptions options, TimeProvider time) : IRoutingPolicy, IForgetfulPolicy, IRemembersPrompts
{
    private readonly PrefixRule _rule = new(options);
    private readonly CacheAwarePolicy _approximate = new(options, time);

    public string Name => PolicyCatalog.KvAware;

    public string ScoreName => _approximate.ScoreName;

    public TimeSpan Interval => _approximate.Interval;

    public IEnumerable<KeyValuePair<Worker, long>> RememberedBytes => _approximate.RememberedBytes;

    public PolicyChoice Choose(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores)
    {
        if (request.Held?.Reply is not { } reply)
        {
            return Excuse(request, _approximate.Choose(request, candidates, scores));
        }

        var choice = Decide(reply, candidates, scores, forReal: true);
        _approximate.Learn(request, candidates[choice.Index]);
        return choice;
    }

    public PolicyChoice Preview(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) =>
        request.Held?.Reply is { } reply
            ? Decide(reply, candidates, scores, forReal: false)
            : Excuse(request, _approximate.Preview(request, candidates, scores));

    public void Forget() => _approximate.Forget();

    private PolicyChoice Decide(ScoreReply reply, ReadOnlySpan<Worker> candidates, Span<float> scores, bool forReal)
    {
        foreach (var match in reply.Matches)
        {
            for (var i = 0; i < candidates.Length; i++)
            {
                if (match.IsOf(candidates[i].Id))
                {
                    scores[i] = (float)(match.Score * reply.BlockSize / Math.Max(1, reply.Tokens));
                    break;
                }
            }
        }

        var choice = _rule.Choose(candidates, scores, forReal);
        return choice.Outcome == PolicyOutcome.PrefixHeld ? choice with { Reason = "holds the most of the prompt, says the KvIndexer" } : choice;
    }

    private static PolicyChoice Excuse(in RoutingRequest request, PolicyChoice choice) =>
        request.Held?.Failure is { } failure ? choice with { Reason = $"the KvIndexer gave no answer ({failure}), so by what was sent where: {choice.Reason}" } : choice;
}
