using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Simulator.Generating;

/// <summary>Whether prompt and answer fit into the model's context.</summary>
internal static class ContextLimit
{
    /// <param name="context">The engine's <c>--max-model-len</c>.</param>
    /// <param name="prompt">Prompt tokens.</param>
    /// <param name="asked">Tokens asked for, or null when the room left decides.</param>
    /// <returns>vLLM's error, or null when it fits.</returns>
    public static OpenAiError? Check(int context, int prompt, int? asked)
    {
        var output = asked ?? 1;
        if ((long)prompt + output <= context)
        {
            return null;
        }

        return OpenAiError.BadRequest(
            $"This model's maximum context length is {context} tokens. However, you requested {output} output tokens and your prompt contains {prompt} input tokens, "
            + $"for a total of {(long)prompt + output} tokens. Please reduce the length of the input prompt or the number of requested output tokens.",
            "input_tokens");
    }
}
