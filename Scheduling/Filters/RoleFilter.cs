using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Filters;

/// <summary>Keeps the endpoints that serve a phase.</summary>
internal sealed class RoleFilter(EndpointRoles role) : IFilter
{
    public int Keep(SchedulingContext context, Span<EngineEndpoint> candidates)
    {
        var kept = 0;
        foreach (var candidate in candidates)
        {
            if ((candidate.Roles & role) != 0)
            {
                candidates[kept++] = candidate;
            }
        }

        return kept;
    }
}
