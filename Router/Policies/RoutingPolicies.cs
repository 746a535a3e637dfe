namespace LlmdAspire.Router.Policies;

/// <summary>The policies in use: one for workers that answer clients, one for workers that compute prompts. Each remembers and counts for itself.</summary>
internal sealed record RoutingPolicies(IRoutingPolicy Serving, IRoutingPolicy Prefill)
{
    /// <summary>For when the endpoint picker is away.</summary>
    public IRoutingPolicy LeastLoaded { get; } = new LeastLoadedPolicy();

    public IEnumerable<IRoutingPolicy> All => [Serving, Prefill];
}
