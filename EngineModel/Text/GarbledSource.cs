namespace LlmdAspire.EngineModel.Text;

/// <summary>What a model writes over KV content that is not its own: tokens without sense, as many as the right answer would have.</summary>
public sealed class GarbledSource(ITokenSource right, ulong key) : ITokenSource
{
    // Everything between the single bytes and the special tokens of the built-in vocabulary.
    private const int FirstToken = 256;
    private const int Tokens = 128000 - FirstToken;

    private ulong _state = TextKey.Mix(~key);

    public int NaturalLength => right.NaturalLength;

    public int NextToken() => FirstToken + (int)((_state = TextKey.Mix(_state)) % Tokens);
}
