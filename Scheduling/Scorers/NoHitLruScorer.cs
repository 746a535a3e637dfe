using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Handlers;
using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Scorers;

/// <summary>Spreads prompts that nobody holds: endpoints that never got one come first, then those whose last one is longest ago.</summary>
/// <remarks>Remembers at most <c>capacity</c> endpoints per profile; the one longest unused is forgotten and counts as never used.</remarks>
internal sealed class NoHitLruScorer(int capacity, string producer) : IScorer, IPickObserver
{
    public const int DefaultCapacity = 1024;

    private const double NoOpinion = 0.5;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Profile, string Endpoint), long> _lastUsed = [];
    private long _uses;

    public void Score(SchedulingContext context, string profile, ReadOnlySpan<EngineEndpoint> candidates, Span<double> scores)
    {
        if (IsWarm(context, candidates))
        {
            scores.Fill(NoOpinion);
            return;
        }

        lock (_lock)
        {
            for (var i = 0; i < candidates.Length; i++)
            {
                scores[i] = _lastUsed.GetValueOrDefault((profile, candidates[i].Name));
            }
        }

        RankAscending(scores);
    }

    public void Picked(SchedulingContext context, ScheduleResult result)
    {
        foreach (var run in result.Runs)
        {
            if (run.Best is { } chosen && !IsWarm(context, [.. run.Candidates]))
            {
                Use(run.Profile.Name, chosen.Name);
            }
        }
    }

    // Smallest first: rank 0 becomes 1, the last rank 0, evenly between. Equal values keep the order of the candidates.
    private static void RankAscending(Span<double> values)
    {
        if (values.Length == 1)
        {
            values[0] = 1;
            return;
        }

        Span<int> order = values.Length <= 256 ? stackalloc int[values.Length] : new int[values.Length];
        for (var i = 0; i < order.Length; i++)
        {
            var at = i;
            for (; at > 0 && values[order[at - 1]] > values[i]; at--)
            {
                order[at] = order[at - 1];
            }

            order[at] = i;
        }

        for (var rank = 0; rank < order.Length; rank++)
        {
            values[order[rank]] = 1 - ((double)rank / (order.Length - 1));
        }
    }

    private bool IsWarm(SchedulingContext context, ReadOnlySpan<EngineEndpoint> candidates)
    {
        if (context.PrefixesOf(producer) is not { } matches)
        {
            return false;
        }

        foreach (var candidate in candidates)
        {
            if (matches.BlocksOn(candidate) > 0)
            {
                return true;
            }
        }

        return false;
    }

    private void Use(string profile, string endpoint)
    {
        lock (_lock)
        {
            _lastUsed[(profile, endpoint)] = ++_uses;
            if (_lastUsed.Count > capacity)
            {
                _ = _lastUsed.Remove(_lastUsed.MinBy(entry => entry.Value).Key);
            }
        }
    }
}
