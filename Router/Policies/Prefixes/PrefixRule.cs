using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies.Prefixes;

/// <summary>Weighs what candidates hold of a prompt against their load, by vllm-router's rule for <c>cache_aware</c>. Thread-safe.</summary>
internal sealed class PrefixRule(CacheAwareOptions options)
{
    private const string Held = "holds the longest known beginning of the prompt";
    private const string Unknown = "no candidate holds more of the prompt than --cache-threshold asks; fewest requests in flight";
    private const string OutOfBalance = "loads are further apart than --balance-abs-threshold and --balance-rel-threshold allow; fewest requests in flight";

    private uint _next;

    /// <param name="shares">Of the prompt that each candidate holds.</param>
    /// <param name="forReal">False leaves no trace.</param>
    public PolicyChoice Choose(ReadOnlySpan<Worker> candidates, ReadOnlySpan<float> shares, bool forReal)
    {
        if (IsOutOfBalance(candidates))
        {
            return new(FewestInFlight(candidates, forReal), OutOfBalance) { Outcome = PolicyOutcome.Rebalanced };
        }

        var best = 0;
        for (var i = 1; i < candidates.Length; i++)
        {
            // Who holds equally much is equally good; the idler one takes it.
            if (shares[i] > shares[best] || (shares[i] == shares[best] && candidates[i].InFlight < candidates[best].InFlight))
            {
                best = i;
            }
        }

        return shares[best] > (float)options.Threshold
            ? new(best, Held) { Outcome = PolicyOutcome.PrefixHeld }
            : new(FewestInFlight(candidates, forReal), Unknown) { Outcome = PolicyOutcome.PrefixUnknown };
    }

    /// <summary>The candidate with the fewest requests in flight; equals take turns.</summary>
    public int FewestInFlight(ReadOnlySpan<Worker> candidates, bool forReal) =>
        LeastLoaded.Among(candidates, forReal ? Interlocked.Increment(ref _next) - 1 : Volatile.Read(ref _next));

    private bool IsOutOfBalance(ReadOnlySpan<Worker> candidates)
    {
        var (least, most) = (int.MaxValue, 0);
        foreach (var worker in candidates)
        {
            least = Math.Min(least, worker.InFlight);
            most = Math.Max(most, worker.InFlight);
        }

        return most - least > options.BalanceAbsolute && most > least * options.BalanceRelative;
    }
}
