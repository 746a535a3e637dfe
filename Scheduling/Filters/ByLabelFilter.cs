using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Filters;

/// <summary>Keeps endpoints whose label has one of the given values.</summary>
/// <param name="allowsNoLabel">Whether endpoints without the label stay too.</param>
internal sealed class ByLabelFilter(string label, IReadOnlyList<string> validValues, bool allowsNoLabel) : IFilter
{
    public int Keep(SchedulingContext context, Span<EngineEndpoint> candidates)
    {
        var kept = 0;
        foreach (var candidate in candidates)
        {
            if (candidate.Labels.TryGetValue(label, out var value) ? validValues.Contains(value) : allowsNoLabel)
            {
                candidates[kept++] = candidate;
            }
        }

        return kept;
    }
}
