namespace LlmdAspire.EngineModel.Text;

/// <summary>Gives back the tokens it was made from, once.</summary>
public sealed class EchoSource(IReadOnlyList<int> tokens) : ITokenSource
{
    private int _next;

    public int NaturalLength => tokens.Count;

    public int NextToken() => tokens[_next++ % tokens.Count];
}
