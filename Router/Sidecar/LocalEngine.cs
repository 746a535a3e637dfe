using System.Globalization;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Router.Sidecar;

/// <summary>The engine of this pod, and where its ranks are: behind one port, or behind a port each.</summary>
internal sealed class LocalEngine
{
    private readonly EndpointId[] _ports;

    /// <param name="port">The engine's port, or that of its rank 0.</param>
    /// <param name="ranks">How many data-parallel ranks it has.</param>
    /// <param name="portPerRank">Rank r listens on the port + r.</param>
    public LocalEngine(string scheme, int port, int ranks, bool portPerRank)
    {
        Ranks = ranks;
        HasPortPerRank = portPerRank;
        _ports = [.. Enumerable.Range(port, portPerRank ? ranks : 1).Select(at => IdOf(scheme, at))];
        Destinations = [.. _ports.Select(id => id.BaseUrl)];
    }

    public int Ranks { get; }

    public bool HasPortPerRank { get; }

    /// <summary>Where requests go, by rank where ranks have ports, else one for all.</summary>
    public IReadOnlyList<string> Destinations { get; }

    /// <summary>Where requests for a rank go; for rank 0's port, or the one port, when none is named.</summary>
    public string DestinationOf(int? rank) => Destinations[HasPortPerRank ? rank ?? 0 : 0];

    /// <summary>The endpoint of a rank: by its port, else by its number.</summary>
    public EndpointId Of(int? rank) =>
        HasPortPerRank ? _ports[rank ?? 0] : rank is { } number ? _ports[0].WithRank(number) : _ports[0];

    private static EndpointId IdOf(string scheme, int port) =>
        EndpointId.TryParse(string.Create(CultureInfo.InvariantCulture, $"{scheme}://127.0.0.1:{port}"), out var id, out var mistake)
            ? id
            : throw new ArgumentOutOfRangeException(nameof(port), port, mistake);
}
