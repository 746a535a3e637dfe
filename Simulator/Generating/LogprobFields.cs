using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Generating;

/// <summary>The log probabilities that a request wants told.</summary>
/// <param name="Top">Likeliest tokens told with each generated one; null for no log probabilities at all.</param>
/// <param name="PromptTop">The same for the prompt's tokens.</param>
/// <param name="AsIds">Whether tokens stand as <c>token_id:5</c> instead of as their text.</param>
internal sealed record LogprobFields(int? Top, int? PromptTop, bool AsIds)
{
    public static LogprobFields None { get; } = new(null, null, false);

    /// <summary>The fields of a completion: one number.</summary>
    public static LogprobFields OfCompletion(JsonFields fields) =>
        new(Clamp(fields.Whole("logprobs")), Clamp(fields.Whole("prompt_logprobs")), fields.Switch("return_tokens_as_token_ids"));

    /// <summary>The fields of a chat: a switch and a number.</summary>
    public static LogprobFields OfChat(JsonFields fields)
    {
        var top = Clamp(fields.Whole("top_logprobs")) ?? 0;
        return new(fields.Switch("logprobs") ? top : null, Clamp(fields.Whole("prompt_logprobs")), fields.Switch("return_tokens_as_token_ids"));
    }

    /// <summary>What is wrong with them, in vLLM's words; null for nothing.</summary>
    /// <param name="most">The engine's <c>--max-logprobs</c>; -1 for the whole vocabulary.</param>
    public OpenAiError? FindMistake(JsonFields fields, bool streams, int most, int vocabulary) =>
        (streams && PromptTop is > 0 or -1 ? OpenAiError.BadRequest("`prompt_logprobs` are not available when `stream=True`.", "prompt_logprobs") : null)
        ?? (PromptTop < -1 ? OpenAiError.BadRequest("`prompt_logprobs` must be a positive value or -1.", "prompt_logprobs") : null)
        ?? (fields.Whole("top_logprobs") < -1 ? OpenAiError.BadRequest("`top_logprobs` must be a positive value or -1.", "top_logprobs") : null)
        ?? (Top is null && fields.Whole("top_logprobs") is > 0 or -1 ? OpenAiError.BadRequest("when using `top_logprobs`, `logprobs` must be set to true.", "top_logprobs") : null)
        ?? (Top < -1 ? OpenAiError.BadRequest("`logprobs` must be a positive value or -1.", "logprobs") : null)
        ?? TooMany("sample", Top, most, vocabulary)
        ?? TooMany("prompt", PromptTop, most, vocabulary);

    private static OpenAiError? TooMany(string kind, int? top, int most, int vocabulary)
    {
        var asked = top == -1 ? vocabulary : top;
        var allowed = most == -1 ? vocabulary : most;
        return asked > allowed
            ? OpenAiError.BadRequest($"Requested {kind} logprobs of {asked}, which is greater than max allowed: {allowed}", kind == "sample" ? "logprobs" : "prompt_logprobs")
            : null;
    }

    private static int? Clamp(long? value) => value is { } number ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : null;
}
