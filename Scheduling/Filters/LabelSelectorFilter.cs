using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Filters;

/// <summary>Keeps endpoints whose labels meet every requirement; without requirements, all.</summary>
internal sealed class LabelSelectorFilter(LabelRequirement[] requirements) : IFilter
{
    public int Keep(SchedulingContext context, Span<EngineEndpoint> candidates)
    {
        var kept = 0;
        foreach (var candidate in candidates)
        {
            if (Selects(candidate.Labels))
            {
                candidates[kept++] = candidate;
            }
        }

        return kept;
    }

    private bool Selects(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in requirements)
        {
            if (!requirement.Holds(labels))
            {
                return false;
            }
        }

        return true;
    }
}
