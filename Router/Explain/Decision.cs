namespace LlmdAspire.Router.Explain;

/// <summary>Why a request went where it went.</summary>
/// <param name="Chosen">The endpoint that answers the client; null when none could be chosen.</param>
/// <param name="Prefill">The endpoint that computes the prompt; null when the chosen one does.</param>
internal sealed record Decision(string RequestId, string? Chosen, string? Prefill, string Policy, string Reason, Candidate[] Candidates, long At);

/// <summary>One endpoint in a decision.</summary>
/// <param name="Eligible">Whether it might have been chosen.</param>
/// <param name="ScoreName">What <paramref name="Score"/> is: <c>in_flight</c>, its load at that moment, or <c>picker</c>, the picker's score.</param>
/// <param name="Total">The picker's score; without one 1 for the policy's choice, else 0: these policies choose, they do not weigh.</param>
internal readonly record struct Candidate(string Endpoint, bool Eligible, string ScoreName, double Score, double Total);
