using LlmdAspire.Serving.KvIndex;

namespace LlmdAspire.Router.Policies.Prefixes;

/// <summary>What the KvIndexer said about a request's prompt.</summary>
/// <param name="Failure">In one word why it said nothing; null when it did.</param>
internal sealed record HeldPrefixes(ScoreReply? Reply, string? Failure);
