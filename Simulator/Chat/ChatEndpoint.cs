using System.Text.Json;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;
using LlmdAspire.Simulator.KvTransfer;
using LlmdAspire.Simulator.Ranks;

namespace LlmdAspire.Simulator.Chat;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal static class ChatEndpoint
{
    public static async Task HandleAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var fields = new JsonFields(body.RootElement);
        var asked = GenerationFields.Read(fields, "max_completion_tokens", "max_tokens");
        asked = TransferLeg.IsPrefill(engine, asked.KvTransfer) ? asked with { MaxTokens = 1 } : asked;
        if (RequestChecks.Find(context, engine, asked, fields, leastMaxTokens: 1) is { } mistake)
        {
            await JsonReply.WriteAsync(context, mistake);
            return;
        }

        var prompt = ChatPrompt.Read(fields, engine.Tokenizer, out var error);
        error ??= fields.Mistake ?? ContextLimit.Check(engine.Options.MaxModelLength, prompt!.Tokens.Count, asked.MaxTokens);
        if (error is not null)
        {
            await JsonReply.WriteAsync(context, error);
            return;
        }

        var head = new AnswerHead($"chatcmpl-{RequestIds.Of(context, asked.RequestId)}", DateTimeOffset.UtcNow.ToUnixTimeSeconds(), asked.Model ?? engine.Name);
        var place = RankPlace.Of(context, engine);
        (var leg, error) = await TransferLeg.OpenAsync(context, engine, place, asked.KvTransfer, head.Id);
        if (error is not null)
        {
            await JsonReply.WriteAsync(context, error);
            return;
        }

        var sequences = leg.Apply(SequencePlan.Of(engine, asked, [prompt!.Tokens], [prompt.Echoed], newText: true));
        await GenerationRun.RunAsync(context, place.Rank.Engine, sequences, async generation =>
        {
            if (asked.Stream)
            {
                await new GenerationStream(engine, generation, asked, new ChatChunks(head, asked, prompt.Tokens), echoPrompt: false).WriteAsync(context);
                return;
            }

            await GenerationRun.FinishAsync(generation);
            context.RequestAborted.ThrowIfCancellationRequested();
            await JsonReply.WriteAsync(context, json => ChatReply.Write(json, head, engine, generation, asked, () => leg.Write(json, context)));
        });
    }
}
