namespace LlmdAspire.Serving.Tokens.Bpe;

/// <summary>A token beside those of the model.</summary>
/// <param name="IsSpecial">Whether it is a mark rather than text.</param>
/// <param name="IsNormalized">Whether it is looked for in text that was normalised.</param>
internal sealed record AddedToken(string Text, int Id, bool IsSpecial, bool IsNormalized);
