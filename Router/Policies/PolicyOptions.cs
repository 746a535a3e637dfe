using LlmdAspire.Router.Policies.Prefixes;

namespace LlmdAspire.Router.Policies;

/// <summary>What the policies are made with.</summary>
internal sealed record PolicyOptions
{
    public CacheAwareOptions CacheAware { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
