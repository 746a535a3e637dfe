using LlmdAspire.KvIndexer.Http;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Serving.Tokens;

namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>Tokens by a tokenizer of this process, which is one for all models.</summary>
internal sealed class LocalTokens(ITokenizer tokenizer) : ITextTokens
{
    public Task<(int[]? Tokens, OpenAiError? Error)> TokenizeAsync(ScoreRequest request, ReadOnlyMemory<byte> text, bool isBeginning, CancellationToken cancellation)
    {
        // As an engine does it: a model that ends prompts with a mark is found out by the comparison, and its texts are not cut.
        var tokens = new List<int>();
        tokenizer.EncodePrompt(text.Span, isBeginning && request.AddSpecialTokens, tokens);
        return Task.FromResult<(int[]?, OpenAiError?)>(([.. tokens], null));
    }
}
