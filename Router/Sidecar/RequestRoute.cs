using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Router.Sidecar;

/// <summary>Where one request goes, as the picker before this pod decided.</summary>
/// <param name="Rank">The rank of the engine here; null lets the engine choose.</param>
/// <param name="Prefillers">Who computes the prompt, best first; empty for the engine here.</param>
internal sealed record RequestRoute(int? Rank, IReadOnlyList<EndpointId> Prefillers)
{
    /// <summary>The engine chooses its rank and does all.</summary>
    public static RequestRoute Plain { get; } = new(null, []);
}
