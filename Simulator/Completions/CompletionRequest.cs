using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;
using LlmdAspire.Simulator.KvTransfer;
using LlmdAspire.Simulator.Structured;

namespace LlmdAspire.Simulator.Completions;

/// <summary>Reads the body of a completion.</summary>
internal static class CompletionRequest
{
    // The OpenAI API's default, which vLLM keeps for this endpoint.
    private const int DefaultMaxTokens = 16;

    /// <summary>What is to be generated, or the error to answer.</summary>
    public static (ModelTask? Task, OpenAiError? Error) Read(HttpContext context, ServedEngine engine, JsonFields fields)
    {
        var asked = GenerationFields.Read(fields, "max_tokens") with { Logprobs = LogprobFields.OfCompletion(fields) };
        asked = asked with { MaxTokens = TransferLeg.IsPrefill(engine, asked.KvTransfer) ? 1 : asked.MaxTokens ?? DefaultMaxTokens };
        var echo = fields.Switch("echo");
        var error = RequestChecks.Find(context, engine, asked, fields, leastMaxTokens: echo ? 0 : 1)
            ?? (fields.Text("suffix") is not (null or "") ? OpenAiError.BadRequest("suffix is not currently supported") : null);
        var plan = error is null ? StructuredOutput.Read(fields, out error) : null;
        var prompts = error is null ? PromptField.Read(fields, engine.Tokenizer, out error) : null;
        error ??= fields.Mistake;
        return error is not null ? (null, error)
            : (new ModelTask { Fields = asked, Prompts = prompts!, Echoed = prompts!, EchoesPrompt = echo, Plan = plan ?? (_ => null) }, null);
    }
}
