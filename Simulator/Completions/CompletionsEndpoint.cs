using System.Text.Json;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Generating;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Completions;

/// <summary><c>POST /v1/completions</c>.</summary>
internal static class CompletionsEndpoint
{
    // The OpenAI API's default, which vLLM keeps for this endpoint.
    private const int DefaultMaxTokens = 16;

    // Each takes about a kilobyte before its first token; without a bound, a body of a few megabytes could ask for more than there is memory.
    private const int MaxSequences = 16384;

    public static Task HandleAsync(HttpContext context, ServedEngine engine, JsonDocument body)
    {
        var fields = new JsonFields(body.RootElement);
        var asked = GenerationFields.Read(fields, "max_tokens");
        asked = asked with { MaxTokens = asked.MaxTokens ?? DefaultMaxTokens };
        var echo = fields.Switch("echo");
        var mistake = RequestChecks.Find(context, engine, asked, fields, leastMaxTokens: echo ? 0 : 1);
        if (mistake is not null)
        {
            return JsonReply.WriteAsync(context, mistake);
        }

        var prompts = PromptField.Read(fields, engine.Tokenizer, out var error);
        error ??= prompts!.Select(prompt => ContextLimit.Check(engine.Options.MaxModelLength, prompt.Count, asked.MaxTokens)).FirstOrDefault(found => found is not null);
        error ??= (long)prompts!.Count * asked.Choices > MaxSequences
            ? OpenAiError.BadRequest($"A request may ask for at most {MaxSequences} sequences, prompts times n; this one asks for {(long)prompts.Count * asked.Choices}.", "prompt")
            : null;
        if (error is not null)
        {
            return JsonReply.WriteAsync(context, error);
        }

        var head = new AnswerHead($"cmpl-{RequestIds.Of(context, asked.RequestId)}", DateTimeOffset.UtcNow.ToUnixTimeSeconds(), asked.Model ?? engine.Name);
        var sequences = SequencePlan.Of(engine, asked, prompts!, prompts!, newText: false);
        return GenerationRun.RunAsync(context, engine, sequences, async generation =>
        {
            if (asked.Stream)
            {
                await new GenerationStream(engine, generation, asked, new CompletionChunks(head, asked), echo).WriteAsync(context);
                return;
            }

            await GenerationRun.FinishAsync(generation);
            context.RequestAborted.ThrowIfCancellationRequested();
            await JsonReply.WriteAsync(context, json => CompletionReply.Write(json, head, engine, generation, asked, echo));
        });
    }
}
