using LlmdAspire.EngineModel;
using LlmdAspire.Simulator.Engines;

namespace LlmdAspire.Simulator.Generating;

/// <summary>The usage of a whole request: every prompt counts once, whatever the number of its choices.</summary>
internal static class RequestUsage
{
    public static TokenUsage Of(ServedEngine engine, Generation generation, GenerationFields asked)
    {
        var (prompt, cached, completion) = (0, 0, 0);
        for (var i = 0; i < generation.Sequences.Count; i++)
        {
            var sequence = generation.Sequences[i];
            if (i % asked.Choices == 0)
            {
                prompt += sequence.Prompt.Count;
                cached += sequence.CachedTokens;
            }

            completion += sequence.Read().Tokens.Length;
        }

        return new TokenUsage(prompt, completion, engine.TellsCachedTokens ? cached : null);
    }
}
