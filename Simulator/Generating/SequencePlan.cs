using LlmdAspire.EngineModel;
using LlmdAspire.EngineModel.Text;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Serving.Tokens;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Structured;

namespace LlmdAspire.Simulator.Generating;

/// <summary>One sequence that a request asks for.</summary>
/// <param name="Text">What it will say, where that was decided beforehand.</param>
internal sealed record PlannedSequence(SequenceRequest Request, PlannedText? Text);

/// <summary>Turns a checked request into the sequences its engine is to run: all choices of the first prompt, then those of the next.</summary>
internal static class SequencePlan
{
    // Text that was decided beforehand is held until its answer is over, as bytes and as tokens, and what follows from a small schema or call may be long.
    private const int MostPlannedBytes = 4 << 20;

    /// <summary>The sequences; none with the error to answer when too much text would have to be held for them.</summary>
    public static IReadOnlyList<PlannedSequence> Of(ServedEngine engine, ModelTask task, out OpenAiError? error)
    {
        error = null;
        var planned = 0L;
        var fields = task.Fields;
        var adapter = engine.Face.Loras.Find(fields.Model);
        var sequences = new List<PlannedSequence>(task.Prompts.Count * fields.Choices);
        for (var i = 0; i < task.Prompts.Count; i++)
        {
            for (var choice = 0; choice < fields.Choices; choice++)
            {
                var prompt = task.Prompts[i];
                var key = TextKey.Of(engine.Seed, adapter?.Name ?? engine.Model, prompt, fields.Seed, choice);
                var text = task.Plan(key);
                planned += text?.Utf8.Length ?? 0;
                if (planned > MostPlannedBytes)
                {
                    error = OpenAiError.BadRequest(
                        $"The structured outputs or tool calls that this request demands come to more than {MostPlannedBytes >> 20} MiB over all its prompts and choices; ask for fewer.", "n");
                    return [];
                }

                sequences.Add(new PlannedSequence(
                    new SequenceRequest
                    {
                        Prompt = prompt,
                        Source = SourceOf(engine, task, text, key, task.Echoed[i]),
                        MaxTokens = MostTokens(engine, fields, text, prompt.Count),
                        Stop = Stop(engine, fields),
                        LoraName = adapter?.Name,
                        CacheSalt = fields.CacheSalt,
                        Choices = choice == 0 ? fields.Choices : 0,
                    },
                    text));
            }
        }

        return sequences;
    }

    private static ITokenSource SourceOf(ServedEngine engine, ModelTask task, PlannedText? text, ulong key, List<int> echoed)
    {
        var fields = task.Fields;
        if (text is not null)
        {
            var tokens = new List<int>();
            engine.Tokenizer.Encode(text.Utf8, tokens);
            return new FixedSource(tokens, Blank(engine.Tokenizer), fields.IgnoreEos ? int.MaxValue : fields.MinTokens);
        }

        return Echoes(engine, fields) ? new EchoSource(echoed)
            : new SentenceSource(key, endless: fields.IgnoreEos, atLeast: fields.MinTokens, atStart: task.BeginsText, engine.Tokenizer);
    }

    // As in llm-d's simulator, an echo is not cut to the request's token limit, only to the model's context.
    private static int MostTokens(ServedEngine engine, GenerationFields fields, PlannedText? text, int prompt)
    {
        var room = Math.Max(1, engine.Options.MaxModelLength - prompt);
        return text is null && Echoes(engine, fields) ? room : Math.Min(fields.MaxTokens ?? room, engine.Face.MostNewTokens ?? int.MaxValue);
    }

    private static bool Echoes(ServedEngine engine, GenerationFields fields) => engine.Echo && fields.MaxTokens != 0;

    /// <summary>A token that may follow any JSON.</summary>
    private static int Blank(ITokenizer tokenizer)
    {
        var tokens = new List<int>();
        tokenizer.Encode(" "u8, tokens);
        return tokens[0];
    }

    private static StopCondition? Stop(ServedEngine engine, GenerationFields fields) =>
        fields.StopStrings.Count == 0 && fields.StopTokens.Count == 0
            ? null
            : new StopCondition(engine.Tokenizer, fields.StopStrings, fields.StopTokens, fields.MinTokens, fields.KeepStopString);
}
