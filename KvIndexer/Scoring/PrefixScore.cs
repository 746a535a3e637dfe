namespace LlmdAspire.KvIndexer.Scoring;

/// <summary>How much of a prompt an endpoint holds.</summary>
/// <param name="Endpoint">Its name, with the rank where there are several.</param>
/// <param name="Blocks">Blocks without a hole from the first on.</param>
/// <param name="Tokens">Tokens in those blocks.</param>
/// <param name="Tiers">Blocks by tier, only tiers that hold some.</param>
/// <param name="Score">Blocks weighted by tier.</param>
internal sealed record PrefixScore(string Endpoint, int Blocks, int Tokens, Dictionary<string, int> Tiers, double Score);
