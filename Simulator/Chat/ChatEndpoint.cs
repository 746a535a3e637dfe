using System.Text.Json;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Chat;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal static class ChatEndpoint
{
    public static Task HandleAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var fields = new JsonFields(body.RootElement);
        var asked = GenerationFields.Read(fields, "max_completion_tokens", "max_tokens");
        if (RequestChecks.Find(context, engine, asked, fields, leastMaxTokens: 1) is { } mistake)
        {
            return JsonReply.WriteAsync(context, mistake);
        }

        var prompt = ChatPrompt.Read(fields, engine.Tokenizer, out var error);
        error ??= fields.Mistake ?? ContextLimit.Check(engine.Options.MaxModelLength, prompt!.Tokens.Count, asked.MaxTokens);
        if (error is not null)
        {
            return JsonReply.WriteAsync(context, error);
        }

        var head = new AnswerHead($"chatcmpl-{RequestIds.Of(context, asked.RequestId)}", DateTimeOffset.UtcNow.ToUnixTimeSeconds(), asked.Model ?? engine.Name);
        var sequences = SequencePlan.Of(engine, asked, [prompt!.Tokens], [prompt.Echoed], newText: true);
        return GenerationRun.RunAsync(context, engine, sequences, async generation =>
        {
            if (asked.Stream)
            {
                await new GenerationStream(engine, generation, asked, new ChatChunks(head, asked, prompt.Tokens), echoPrompt: false).WriteAsync(context);
                return;
            }

            await GenerationRun.FinishAsync(generation);
            context.RequestAborted.ThrowIfCancellationRequested();
            await JsonReply.WriteAsync(context, json => ChatReply.Write(json, head, engine, generation, asked));
        });
    }
}
