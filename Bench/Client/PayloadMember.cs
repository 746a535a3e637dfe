namespace LlmdAspire.Bench.Client;

/// <summary>One member of a request body.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Json">Its value where all requests have the same; null where a request has its own.</param>
internal readonly record struct PayloadMember(string Name, string? Json);
