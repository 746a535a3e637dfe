using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Profiles;

/// <summary>Says how good each candidate is for a request: 0 is worst, 1 is best.</summary>
/// <remarks>
/// Called on the request path: no I/O, no allocation per endpoint. Shared by all requests, so it must be thread-safe.
/// Weighting, and clamping to the range, are the profile's business.
/// </remarks>
public interface IScorer
{
    /// <summary>Writes one score per candidate into <paramref name="scores"/>, in the same order.</summary>
    /// <param name="profile">Name of the profile that runs, for scorers that remember something per profile.</param>
    void Score(SchedulingContext context, string profile, ReadOnlySpan<EngineEndpoint> candidates, Span<double> scores);
}
