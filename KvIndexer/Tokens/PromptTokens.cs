using LlmdAspire.KvIndexer.Http;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.KvIndexer.Tokens;

/// <summary>Finds the tokens that a prompt becomes: from the request, from the cache, or from an engine's <c>/tokenize</c>. Thread-safe.</summary>
internal sealed class PromptTokens(TextTokens texts, ConversationTokens conversations)
{
    /// <summary>The tokens, or what to answer the client.</summary>
    public async Task<(int[]? Tokens, OpenAiError? Error)> FindAsync(ScoreRequest request, CancellationToken cancellation) => request switch
    {
        { TokenIds: { } given } => (given, null),
        { Prompt: { } text } => await texts.FindAsync(request, text, cancellation),
        _ => await conversations.FindAsync(request, cancellation),
    };
}
