namespace LlmdAspire.Router.Forwarding;

/// <summary>What applies to every request sent to an engine.</summary>
internal sealed record ForwardingOptions
{
    /// <summary>Replaces the client's <c>Authorization</c> when given.</summary>
    public string? ApiKey { get; init; }

    /// <summary>No <c>x-llmd-endpoint</c> in answers.</summary>
    public bool HideEndpoint { get; init; }

    /// <summary>Limit for a whole request, all attempts together.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(1800);

    /// <summary>Clients are trusted to say, in bodies, from where KV blocks are fetched.</summary>
    public bool TrustClientKvParams { get; init; }

    /// <summary>Clients' headers that choose engines and ranks reach the engine.</summary>
    public bool PassRoutingHeaders { get; init; }
}
