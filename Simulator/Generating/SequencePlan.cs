using LlmdAspire.EngineModel;
using LlmdAspire.EngineModel.Text;
using LlmdAspire.Simulator.Engines;

namespace LlmdAspire.Simulator.Generating;

/// <summary>Turns a checked request into the sequences its engine is to run: all choices of the first prompt, then those of the next.</summary>
internal static class SequencePlan
{
    /// <param name="prompts">Token ids of each prompt.</param>
    /// <param name="echoed">What echo mode gives back for each prompt; the prompts themselves, or a part of them.</param>
    /// <param name="newText">Whether the answer begins a text, instead of going on where the prompt ends.</param>
    public static IReadOnlyList<SequenceRequest> Of(
        ServedEngine engine, GenerationFields fields, IReadOnlyList<List<int>> prompts, IReadOnlyList<List<int>> echoed, bool newText)
    {
        var sequences = new List<SequenceRequest>(prompts.Count * fields.Choices);
        for (var i = 0; i < prompts.Count; i++)
        {
            for (var choice = 0; choice < fields.Choices; choice++)
            {
                sequences.Add(engine.Echo && fields.MaxTokens != 0
                    ? EchoSequence(engine, fields, prompts[i], echoed[i])
                    : RandomSequence(engine, fields, prompts[i], choice, newText));
            }
        }

        return sequences;
    }

    private static SequenceRequest RandomSequence(ServedEngine engine, GenerationFields fields, List<int> prompt, int choice, bool newText)
    {
        var key = TextKey.Of(engine.Seed, engine.Model, prompt, fields.Seed, choice);
        return new SequenceRequest
        {
            Prompt = prompt,
            Source = new SentenceSource(key, endless: fields.IgnoreEos, atLeast: fields.MinTokens, atStart: newText, engine.Tokenizer),
            MaxTokens = fields.MaxTokens ?? engine.Options.MaxModelLength - prompt.Count,
            Stop = Stop(engine, fields),
            CacheSalt = fields.CacheSalt,
        };
    }

    // As in llm-d's simulator, an echo is not cut to the request's token limit, only to the model's context.
    private static SequenceRequest EchoSequence(ServedEngine engine, GenerationFields fields, List<int> prompt, List<int> echoed) => new()
    {
        Prompt = prompt,
        Source = new EchoSource(echoed),
        MaxTokens = Math.Max(1, engine.Options.MaxModelLength - prompt.Count),
        Stop = Stop(engine, fields),
        CacheSalt = fields.CacheSalt,
    };

    private static StopCondition? Stop(ServedEngine engine, GenerationFields fields) =>
        fields.StopStrings.Count == 0 && fields.StopTokens.Count == 0
            ? null
            : new StopCondition(engine.Tokenizer, fields.StopStrings, fields.StopTokens, fields.MinTokens, fields.KeepStopString);
}
