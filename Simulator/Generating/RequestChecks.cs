using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Http;
using LlmdAspire.Simulator.Ranks;

namespace LlmdAspire.Simulator.Generating;

/// <summary>What can be wrong with a request before its prompt is looked at.</summary>
internal static class RequestChecks
{
    public static OpenAiError? Find(HttpContext context, ServedEngine engine, GenerationFields asked, JsonFields fields, int leastMaxTokens) =>
        asked.FindMistake(fields, leastMaxTokens)
        ?? UnknownModel(engine, asked.Model)
        ?? RankPlace.FindMistake(context, engine)
        ?? engine.Failures.Draw();

    /// <summary>vLLM's error for a model that is not served; a request may leave the model out.</summary>
    public static OpenAiError? UnknownModel(ServedEngine engine, string? model) =>
        model is null || engine.Names.Contains(model) ? null : OpenAiError.UnknownModel(model);
}
