using LlmdAspire.EngineModel;

namespace LlmdAspire.Simulator.Generating;

/// <summary>The usage of a whole request: every prompt counts once, whatever the number of its choices.</summary>
internal static class RequestUsage
{
    public static TokenUsage Of(Generation generation, GenerationFields asked)
    {
        var prompt = 0;
        var completion = 0;
        for (var i = 0; i < generation.Sequences.Count; i++)
        {
            var sequence = generation.Sequences[i];
            prompt += i % asked.Choices == 0 ? sequence.Prompt.Count : 0;
            completion += sequence.Read().Tokens.Length;
        }

        return new TokenUsage(prompt, completion);
    }
}
