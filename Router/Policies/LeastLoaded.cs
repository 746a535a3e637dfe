using LlmdAspire.Router.Workers;

namespace LlmdAspire.Router.Policies;

/// <summary>Finds the worker with the fewest requests in flight. Pure.</summary>
internal static class LeastLoaded
{
    /// <param name="turn">Where to begin: of several equals the first from there on.</param>
    /// <returns>Index of the candidate.</returns>
    public static int Among(ReadOnlySpan<Worker> candidates, uint turn)
    {
        var least = (int)(turn % (uint)candidates.Length);
        for (var i = 1; i < candidates.Length; i++)
        {
            var at = (int)((turn + (uint)i) % (uint)candidates.Length);
            least = candidates[at].InFlight < candidates[least].InFlight ? at : least;
        }

        return least;
    }
}
