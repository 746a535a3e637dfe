namespace LlmdAspire.EngineModel.Text;

/// <summary>A text that was decided beforehand, such as a JSON value that a request demands.</summary>
/// <param name="tokens">The text's tokens.</param>
/// <param name="padding">Token that follows the text where the model must go on, for example a blank.</param>
/// <param name="atLeast">Tokens before which the model does not end; <see cref="int.MaxValue"/> for never.</param>
public sealed class FixedSource(IReadOnlyList<int> tokens, int padding, int atLeast) : ITokenSource
{
    private int _next;

    public int NaturalLength { get; } = Math.Max(tokens.Count, atLeast);

    public int NextToken() => _next < tokens.Count ? tokens[_next++] : padding;
}
