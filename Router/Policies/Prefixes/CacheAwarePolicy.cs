using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies.Prefixes;

/// <summary>Sends a prompt to who probably holds its beginning, because a prompt that begins so was sent there before; vllm-router's <c>cache_aware</c>.</summary>
/// <remarks>While loads are far apart, and for prompts of which nobody holds enough, the candidate with the fewest requests in flight is chosen.</remarks>
internal sealed class CacheAwarePolicy(CacheAwareOptions options, TimeProvider time) : IRoutingPolicy, IForgetfulPolicy, IRemembersPrompts
{
    private readonly PrefixRule _rule = new(options);
    private readonly SentPrompts _sent = new(options, time);

    public string Name => "cache_aware";

    public string ScoreName => "prefix_match";

    public TimeSpan Interval => options.EvictionInterval;

    public IEnumerable<KeyValuePair<Worker, long>> RememberedBytes => _sent.RememberedBytes;

    public PolicyChoice Choose(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) =>
        Decide(request, candidates, scores, forReal: true);

    public PolicyChoice Preview(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores) =>
        Decide(request, candidates, scores, forReal: false);

    /// <summary>Notes where a prompt is sent that another policy decided about.</summary>
    public void Learn(in RoutingRequest request, Worker worker)
    {
        using var prompt = PromptText.Of(request);
        Span<ulong> keys = stackalloc ulong[PromptBlocks.CountOf(prompt.Bytes.Length)];
        SentPrompts.KeysOf(request, prompt.Bytes, keys);
        _sent.Add(keys, prompt.Bytes.Length, worker);
    }

    public void Forget() => _sent.Forget();

    private PolicyChoice Decide(in RoutingRequest request, ReadOnlySpan<Worker> candidates, Span<float> scores, bool forReal)
    {
        using var prompt = PromptText.Of(request);
        if (prompt.Bytes.IsEmpty)
        {
            return new(_rule.FewestInFlight(candidates, forReal), "the request has no prompt; fewest requests in flight");
        }

        Span<ulong> keys = stackalloc ulong[PromptBlocks.CountOf(prompt.Bytes.Length)];
        SentPrompts.KeysOf(request, prompt.Bytes, keys);
        _sent.Match(keys, prompt.Bytes.Length, candidates, scores);
        var choice = _rule.Choose(candidates, scores, forReal);
        if (forReal)
        {
            _sent.Add(keys, prompt.Bytes.Length, candidates[choice.Index]);
        }

        return choice;
    }
}
