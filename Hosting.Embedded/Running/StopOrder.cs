using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>In which order resources end: first those that nobody waits for, last those that everybody needs.</summary>
internal static class StopOrder
{
    /// <summary>Groups of resources; those of a group end together.</summary>
    public static IReadOnlyList<IReadOnlyList<IResource>> Of(IReadOnlyCollection<IResource> resources)
    {
        var byName = resources.ToDictionary(resource => resource.Name, ModelName.Comparer);
        var depths = new Dictionary<string, int>(ModelName.Comparer);
        return [.. resources.GroupBy(resource => Depth(resource, [])).OrderByDescending(group => group.Key).Select(group => group.ToList())];

        int Depth(IResource resource, HashSet<string> path)
        {
            if (depths.TryGetValue(resource.Name, out var known))
            {
                return known;
            }

            // A circle never started; where it is cut does not matter.
            if (!path.Add(resource.Name))
            {
                return 0;
            }

            var depth = resource.Annotations.OfType<WaitAnnotation>()
                .Where(wait => byName.ContainsKey(wait.Resource.Name))
                .Select(wait => 1 + Depth(byName[wait.Resource.Name], path))
                .DefaultIfEmpty()
                .Max();
            path.Remove(resource.Name);
            return depths[resource.Name] = depth;
        }
    }
}
