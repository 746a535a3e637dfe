using LlmdAspire.Serving.Tokens;

namespace LlmdAspire.EngineModel.Text;

/// <summary>What a model writes over KV content that is not its own: tokens without sense, as many as the right answer would have.</summary>
public sealed class GarbledSource(ITokenSource right, ulong key, ITokenizer tokenizer) : ITokenSource
{
    private ulong _state = TextKey.Mix(~key);

    public int NaturalLength => right.NaturalLength;

    public int NextToken()
    {
        // Few ids are no text, so this ends soon; and it ends.
        for (var attempt = 0; ; attempt++)
        {
            var token = (int)((_state = TextKey.Mix(_state)) % (ulong)tokenizer.VocabularySize);
            if (tokenizer.IsText(token) || attempt == 100)
            {
                return token;
            }
        }
    }
}
