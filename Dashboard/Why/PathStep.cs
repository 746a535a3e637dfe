namespace LlmdAspire.Dashboard.Why;

/// <summary>One station of a request.</summary>
/// <param name="Step"><c>router</c>, <c>picker</c>, <c>indexer</c>, <c>prefill</c> or <c>decode</c>.</param>
/// <param name="Endpoint">The engine; null for the others.</param>
/// <param name="Name">What the page calls it.</param>
/// <param name="State"><c>done</c>, <c>running</c>, <c>waiting</c>, <c>skipped</c>, <c>late</c> (done without) or <c>failed</c>.</param>
/// <param name="TookMs">For the Router the whole request.</param>
/// <param name="Note">A few words about what happened there.</param>
public sealed record PathStep(string Step, string? Endpoint, string? Name, string State, double? TookMs, string? Note);
