using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Serving.KvIndex;

/// <summary>How long a decision waits for the index. Pure.</summary>
/// <param name="Known">For prompts whose tokens are given.</param>
/// <param name="Tokenizing">For prompts that must be tokenised first; grows with their length.</param>
public sealed record LookupDeadlines(TimeSpan Known, TimeSpan Tokenizing)
{
    // A tokenizer does some megabytes a second; a prompt ten times as long is also worth ten times the wait.
    private const int BytesPerMillisecond = 2048;

    public TimeSpan For(in ScoreQuestion question) =>
        question.PromptKind == PromptKind.TokenIds ? Known : Tokenizing + TimeSpan.FromMilliseconds(question.Prompt.Length / BytesPerMillisecond);
}
