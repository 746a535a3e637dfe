using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Explain;

/// <summary>Why a request went where it went.</summary>
/// <param name="Chosen">The worker's name; null when none could be chosen.</param>
internal sealed record Decision(string RequestId, string? Chosen, string Policy, string Reason, Candidate[] Candidates, long At);

/// <summary>One worker in a decision.</summary>
/// <param name="Eligible">Whether it might have been chosen.</param>
/// <param name="InFlight">Its load at that moment.</param>
/// <param name="Total">1 for the policy's choice, else 0: these policies choose, they do not weigh.</param>
internal readonly record struct Candidate(Worker Worker, bool Eligible, int InFlight, double Total);
