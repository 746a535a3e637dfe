using LlmdAspire.EngineModel;
using LlmdAspire.Simulator.Engines;

namespace LlmdAspire.Simulator.Generating;

/// <summary>The text of a sequence that has ended.</summary>
internal static class WholeText
{
    /// <summary>The text as UTF-8.</summary>
    public static byte[] Of(ServedEngine engine, Sequence sequence, bool echoPrompt)
    {
        var text = new OutputText(engine.Tokenizer, sequence.Stop);
        if (echoPrompt)
        {
            text.Prepend([.. sequence.Prompt]);
        }

        foreach (var token in sequence.Read().Tokens)
        {
            text.Append(token);
        }

        return text.Take(finished: true).ToArray();
    }
}
