namespace LlmdAspire.Bench.Datasets;

/// <summary>What one request adds to its conversation, and how long its answer may be.</summary>
/// <param name="Text">UTF-8.</param>
/// <param name="InputTokens">Tokens of the text; what the server reports replaces it.</param>
/// <param name="OutputTokens">Limit of the answer.</param>
internal sealed record Turn(byte[] Text, int InputTokens, int OutputTokens);
