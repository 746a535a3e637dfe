namespace LlmdAspire.Router.Explain;

/// <summary>Why a request went where it went.</summary>
/// <param name="Chosen">The endpoint that answers the client; null when none could be chosen.</param>
/// <param name="Prefill">The endpoint that computes the prompt; null when the chosen one does.</param>
internal sealed record Decision(string RequestId, string? Chosen, string? Prefill, string Policy, string Reason, Candidate[] Candidates, long At);

/// <summary>One endpoint in a decision.</summary>
/// <param name="Eligible">Whether it might have been chosen.</param>
/// <param name="InFlight">Its load at that moment; null where a picker weighed it.</param>
/// <param name="ScoreName">What <paramref name="Score"/> is: <c>picker</c>, the picker's score, or the policy's own name for what it weighs by; null for none.</param>
/// <param name="Total">The picker's score; without one 1 for the policy's choice, else 0: these policies choose, they do not weigh.</param>
internal readonly record struct Candidate(string Endpoint, bool Eligible, int? InFlight, string? ScoreName, double Score, double Total)
{
    /// <summary>All scores by name.</summary>
    public Dictionary<string, double> Scores()
    {
        var scores = new Dictionary<string, double>();
        if (InFlight is { } load)
        {
            scores.Add("in_flight", load);
        }

        if (ScoreName is not null)
        {
            scores.Add(ScoreName, Score);
        }

        return scores;
    }
}
