namespace LlmdAspire.Router.Policies;

/// <summary>The policies in use: one for workers that answer clients, one for workers that compute prompts. Each keeps its own count.</summary>
internal sealed record RoutingPolicies(IRoutingPolicy Serving, IRoutingPolicy Prefill)
{
    /// <summary>For when the endpoint picker is away.</summary>
    public IRoutingPolicy LeastLoaded { get; } = new LeastLoadedPolicy();
}
