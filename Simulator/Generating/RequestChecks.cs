using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Failures;
using LlmdAspire.Simulator.Http;
using LlmdAspire.Simulator.Ranks;

namespace LlmdAspire.Simulator.Generating;

/// <summary>What can be wrong with a request before its prompt is looked at.</summary>
internal static class RequestChecks
{
    public static OpenAiError? Find(HttpContext context, ServedEngine engine, GenerationFields asked, JsonFields fields, int leastMaxTokens) =>
        ReturnError.Of(context)
        ?? asked.FindMistake(fields, leastMaxTokens)
        ?? asked.Logprobs.FindMistake(fields, asked.Stream, engine.Face.MostLogprobs, engine.Tokenizer.VocabularySize)
        ?? UnknownModel(engine, asked.Model)
        ?? RankPlace.FindMistake(context, engine);

    /// <summary>vLLM's error for what is neither a model nor an adapter; a request may leave the model out.</summary>
    public static OpenAiError? UnknownModel(ServedEngine engine, string? model) =>
        string.IsNullOrEmpty(model) || engine.Names.Contains(model) || engine.Face.Loras.Find(model) is not null ? null : OpenAiError.UnknownModel(model);
}
