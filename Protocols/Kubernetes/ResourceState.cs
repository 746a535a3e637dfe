using System.Collections.Immutable;

namespace LlmdAspire.Protocols.Kubernetes;

/// <summary>What a watch knows at one moment. Immutable.</summary>
/// <typeparam name="T">What is kept of an object.</typeparam>
/// <param name="Items">By name, in the order of names.</param>
/// <param name="IsListed">Whether the server ever said what there is; before that nothing is known, not even that there is nothing.</param>
/// <param name="Fault">Why the server cannot be followed just now, in one line; null while it can. What is known stays.</param>
public sealed record ResourceState<T>(ImmutableSortedDictionary<string, T> Items, bool IsListed, string? Fault);
