using System.Globalization;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Generating;

/// <summary>What can be wrong with a request before its prompt is looked at.</summary>
internal static class RequestChecks
{
    private const string RankHeader = "X-data-parallel-rank";

    public static OpenAiError? Find(HttpContext context, ServedEngine engine, GenerationFields asked, JsonFields fields, int leastMaxTokens) =>
        asked.FindMistake(fields, leastMaxTokens)
        ?? UnknownModel(engine, asked.Model)
        ?? WrongRank(context)
        ?? engine.Failures.Draw();

    /// <summary>vLLM's error for a model that is not served; a request may leave the model out.</summary>
    public static OpenAiError? UnknownModel(ServedEngine engine, string? model) =>
        model is null || engine.Names.Contains(model) ? null : OpenAiError.UnknownModel(model);

    // What is no number is ignored, as in vLLM; there is one rank, 0.
    private static OpenAiError? WrongRank(HttpContext context) =>
        int.TryParse(context.Request.Headers[RankHeader], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var rank) && rank != 0
            ? OpenAiError.BadRequest($"data_parallel_rank {rank} is out of range [0, 1).")
            : null;
}
