using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Simulator.Generating;

/// <summary>Cuts prompts to <c>truncate_prompt_tokens</c>, before anything is hashed.</summary>
internal static class PromptCut
{
    public static OpenAiError? FindMistake(GenerationFields asked, int context) =>
        asked.TruncateTo > context
            ? OpenAiError.BadRequest(
                $"truncate_prompt_tokens value ({asked.TruncateTo}) is greater than max_model_len ({context}). Please, select a smaller truncation size.", "truncate_prompt_tokens")
            : null;

    public static ModelTask Apply(ModelTask task, int context)
    {
        var asked = task.Fields;
        if (asked.TruncateTo is not { } to)
        {
            return task;
        }

        var most = to == -1 ? Math.Max(1, context - (asked.MaxTokens ?? 1)) : (int)Math.Max(1, to);
        return task with { Prompts = [.. task.Prompts.Select(prompt => Cut(prompt, most, asked.TruncateEnd))] };
    }

    private static List<int> Cut(List<int> prompt, int most, bool end) =>
        prompt.Count <= most ? prompt : end ? prompt[..most] : prompt[^most..];
}
