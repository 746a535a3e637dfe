using LlmdAspire.Router.Policies.Prefixes;

namespace LlmdAspire.Router.Policies;

/// <summary>What the policies are made with.</summary>
internal sealed record PolicyOptions
{
    public CacheAwareOptions CacheAware { get; init; } = new();

    /// <summary>After which an idle session of <c>sticky_least_loaded</c> is released.</summary>
    public TimeSpan SessionExpiry { get; init; } = Sessions.SessionExpiry.Default;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
