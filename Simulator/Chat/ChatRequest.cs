using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;
using LlmdAspire.Simulator.KvTransfer;
using LlmdAspire.Simulator.Structured;
using LlmdAspire.Simulator.Tools;

namespace LlmdAspire.Simulator.Chat;

/// <summary>Reads the body of a chat.</summary>
internal static class ChatRequest
{
    /// <summary>What is to be generated, or the error to answer.</summary>
    public static (ModelTask? Task, OpenAiError? Error) Read(HttpContext context, ServedEngine engine, JsonFields fields)
    {
        var asked = GenerationFields.Read(fields, "max_completion_tokens", "max_tokens") with { Logprobs = LogprobFields.OfChat(fields) };
        asked = TransferLeg.IsPrefill(engine, asked.KvTransfer) ? asked with { MaxTokens = 1 } : asked;
        var error = RequestChecks.Find(context, engine, asked, fields, leastMaxTokens: 1);
        var prompt = error is null ? ChatPrompt.Read(fields, engine, out error) : null;
        var calls = error is null ? ToolChoice.Read(fields, !prompt!.EndsWithToolResult && !engine.Echo, engine.Face.AllowsAutoToolChoice, out error) : null;
        var form = error is null ? StructuredOutput.Read(fields, out error) : null;
        error ??= fields.Mistake;
        return error is not null ? (null, error)
            : (new ModelTask { Fields = asked, Prompts = [prompt!.Tokens], Echoed = [prompt.Echoed], BeginsText = true, Plan = calls ?? form ?? (_ => null) }, null);
    }
}
