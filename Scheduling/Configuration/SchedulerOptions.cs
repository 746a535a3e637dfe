using LlmdAspire.Scheduling.Prefix;

namespace LlmdAspire.Scheduling.Configuration;

/// <summary>What a configuration is loaded into.</summary>
public sealed record SchedulerOptions
{
    public Random Random { get; init; } = Random.Shared;

    /// <summary>The clock on which engines' loads are read.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The index that knows from the engines who holds what; null when there is none.</summary>
    /// <remarks>Where there is one, plugins that name no producer of prefix matches use it, with the approximate index as its substitute.</remarks>
    public IPrefixLookup? PrefixLookup { get; init; }
}
