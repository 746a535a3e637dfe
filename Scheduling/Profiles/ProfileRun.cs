using LlmdAspire.Scheduling.Endpoints;

namespace LlmdAspire.Scheduling.Profiles;

/// <summary>What one profile made of a request; kept to explain the decision, so it never changes.</summary>
public sealed class ProfileRun
{
    internal ProfileRun(SchedulerProfile profile, EngineEndpoint[] candidates, double[] scores, double[] totals, EngineEndpoint[] chosen)
    {
        Profile = profile;
        Candidates = candidates;
        Scores = scores;
        Totals = totals;
        Chosen = chosen;
    }

    public SchedulerProfile Profile { get; }

    /// <summary>Those that passed all filters.</summary>
    public IReadOnlyList<EngineEndpoint> Candidates { get; }

    /// <summary>Best first; empty when the filters left none.</summary>
    public IReadOnlyList<EngineEndpoint> Chosen { get; }

    public EngineEndpoint? Best => Chosen.Count > 0 ? Chosen[0] : null;

    /// <summary>The weighted sum per candidate.</summary>
    public IReadOnlyList<double> Totals { get; }

    private double[] Scores { get; }

    /// <summary>What one scorer gave one candidate, before weighting.</summary>
    public double ScoreOf(int scorer, int candidate) => Scores[(scorer * Candidates.Count) + candidate];
}
