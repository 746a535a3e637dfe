using LlmdAspire.Epp.Endpoints;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Epp.Kubernetes;

/// <summary>Makes endpoints of pods: one for each pod, target port and rank. Pure.</summary>
internal static class PodEndpoints
{
    /// <param name="ranksOf">How many ranks an engine has whose pod does not say so; null when that is not known yet.</param>
    public static List<EndpointDeclaration> Of(IEnumerable<EnginePod> pods, IReadOnlyList<int> ports, Func<EndpointId, int?> ranksOf)
    {
        var endpoints = new List<EndpointDeclaration>();
        var seen = new HashSet<EndpointId>();
        foreach (var pod in pods)
        {
            foreach (var port in ports)
            {
                // Two pods of one address are two on the network of one node; only one of them can have the port.
                if (TryAddress(pod.Address, port, out var engine) && seen.Add(engine))
                {
                    // Where there are several ports, each is that of a rank; where there is one, all ranks live behind it.
                    Add(endpoints, engine, pod, ports.Count > 1 ? 1 : pod.Ranks ?? ranksOf(engine));
                }
            }
        }

        return endpoints;
    }

    private static void Add(List<EndpointDeclaration> endpoints, EndpointId engine, EnginePod pod, int? ranks)
    {
        if (ranks is null or 1)
        {
            endpoints.Add(new EndpointDeclaration(engine, pod.Labels) { IsAwaited = ranks is null });
            return;
        }

        for (var rank = 0; rank < ranks; rank++)
        {
            endpoints.Add(new EndpointDeclaration(engine.WithRank(rank), pod.Labels));
        }
    }

    private static bool TryAddress(string address, int port, out EndpointId engine) =>
        EndpointId.TryParse(address.Contains(':', StringComparison.Ordinal) ? $"http://[{address}]:{port}" : $"http://{address}:{port}", out engine, out _);
}
