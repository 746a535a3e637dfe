using LlmdAspire.KvIndexer.Http;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>Turns pieces of a text prompt into tokens. Thread-safe.</summary>
internal interface ITextTokens
{
    /// <summary>The tokens, or what to answer the client.</summary>
    /// <param name="isBeginning">Whether the text begins the prompt: the marks that begin a prompt stand nowhere else.</param>
    Task<(int[]? Tokens, OpenAiError? Error)> TokenizeAsync(ScoreRequest request, ReadOnlyMemory<byte> text, bool isBeginning, CancellationToken cancellation);
}
