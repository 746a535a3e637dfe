using System.Text.Json;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Completions;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;
using LlmdAspire.Simulator.KvTransfer;

namespace LlmdAspire.Simulator.Generate;

/// <summary><c>POST /inference/v1/generate</c>: token ids in, token ids out.</summary>
internal static class GenerateEndpoint
{
    // vLLM's SamplingParams.
    private const int DefaultMaxTokens = 16;

    public static async Task HandleAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var (task, error) = Read(context, engine, new JsonFields(body.RootElement));
        if (error is not null)
        {
            await JsonReply.WriteAsync(context, error);
            return;
        }

        await GenerationServing.ServeAsync(context, engine, task!, "generate-tokens-", answer => new GenerateAnswer(answer));
    }

    private static (ModelTask? Task, OpenAiError? Error) Read(HttpContext context, ServedEngine engine, JsonFields fields)
    {
        var sampling = fields.Object("sampling_params");
        if (sampling is null)
        {
            return (null, fields.Mistake ?? JsonFields.Invalid("sampling_params", "missing", "Field required"));
        }

        // The limits of the text stand in the inner object, everything about the request in the outer one.
        var request = GenerationFields.Read(fields);
        var asked = GenerationFields.Read(sampling, "max_tokens") with
        {
            Model = request.Model,
            RequestId = request.RequestId,
            CacheSalt = request.CacheSalt,
            KvTransfer = request.KvTransfer,
            Stream = request.Stream,
            IncludeUsage = request.IncludeUsage,
            ContinuousUsage = request.ContinuousUsage,
            CacheHitThreshold = request.CacheHitThreshold,
            ReturnTokenIds = true,
            Logprobs = LogprobFields.OfCompletion(sampling) with { AsIds = true },
        };
        asked = asked with { MaxTokens = TransferLeg.IsPrefill(engine, asked.KvTransfer) ? 1 : asked.MaxTokens ?? DefaultMaxTokens };
        fields.Adopt("sampling_params", sampling);
        var error = fields.Mistake ?? RequestChecks.Find(context, engine, asked, sampling, leastMaxTokens: 1) ?? request.FindMistake(fields, leastMaxTokens: 0);
        if (error is null && fields.Element("token_ids") is { ValueKind: JsonValueKind.Array } ids && ids.GetArrayLength() > 0 && ids[0].ValueKind != JsonValueKind.Number)
        {
            error = JsonFields.Invalid("token_ids", "int_type", "Input should be a valid integer");
        }

        var prompts = error is null ? PromptField.Read(fields, engine.Tokenizer, out error, "token_ids") : null;
        if (prompts is { Count: > 0 } && fields.Element("token_ids") is { ValueKind: JsonValueKind.String })
        {
            error = JsonFields.Invalid("token_ids", "list_type", "Input should be a valid list");
        }

        return error is not null ? (null, error) : (new ModelTask { Fields = asked, Prompts = prompts!, Echoed = prompts! }, null);
    }
}
