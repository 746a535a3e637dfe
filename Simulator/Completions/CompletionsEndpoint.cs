using System.Text.Json;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;
using LlmdAspire.Simulator.KvTransfer;
using LlmdAspire.Simulator.Ranks;

namespace LlmdAspire.Simulator.Completions;

/// <summary><c>POST /v1/completions</c>.</summary>
internal static class CompletionsEndpoint
{
    // The OpenAI API's default, which vLLM keeps for this endpoint.
    private const int DefaultMaxTokens = 16;

    // Each takes about a kilobyte before its first token; without a bound, a body of a few megabytes could ask for more than there is memory.
    private const int MaxSequences = 16384;

    public static async Task HandleAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var fields = new JsonFields(body.RootElement);
        var asked = GenerationFields.Read(fields, "max_tokens");
        asked = asked with { MaxTokens = TransferLeg.IsPrefill(engine, asked.KvTransfer) ? 1 : asked.MaxTokens ?? DefaultMaxTokens };
        var echo = fields.Switch("echo");
        var mistake = RequestChecks.Find(context, engine, asked, fields, leastMaxTokens: echo ? 0 : 1);
        if (mistake is not null)
        {
            await JsonReply.WriteAsync(context, mistake);
            return;
        }

        var prompts = PromptField.Read(fields, engine.Tokenizer, out var error);
        error ??= prompts!.Select(prompt => ContextLimit.Check(engine.Options.MaxModelLength, prompt.Count, asked.MaxTokens)).FirstOrDefault(found => found is not null);
        error ??= (long)prompts!.Count * asked.Choices > MaxSequences
            ? OpenAiError.BadRequest($"A request may ask for at most {MaxSequences} sequences, prompts times n; this one asks for {(long)prompts.Count * asked.Choices}.", "prompt")
            : null;
        if (error is not null)
        {
            await JsonReply.WriteAsync(context, error);
            return;
        }

        var head = new AnswerHead($"cmpl-{RequestIds.Of(context, asked.RequestId)}", DateTimeOffset.UtcNow.ToUnixTimeSeconds(), asked.Model ?? engine.Name);
        var place = RankPlace.Of(context, engine);
        (var leg, error) = await TransferLeg.OpenAsync(context, engine, place, asked.KvTransfer, head.Id);
        if (error is not null)
        {
            await JsonReply.WriteAsync(context, error);
            return;
        }

        var sequences = leg.Apply(SequencePlan.Of(engine, asked, prompts!, prompts!, newText: false));
        await GenerationRun.RunAsync(context, place.Rank.Engine, sequences, async generation =>
        {
            if (asked.Stream)
            {
                await new GenerationStream(engine, generation, asked, new CompletionChunks(head, asked), echo).WriteAsync(context);
                return;
            }

            await GenerationRun.FinishAsync(generation);
            context.RequestAborted.ThrowIfCancellationRequested();
            await JsonReply.WriteAsync(context, json => CompletionReply.Write(json, head, engine, generation, asked, echo, () => leg.Write(json, context)));
        });
    }
}
