using LlmdAspire.EngineModel;
using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Failures;
using LlmdAspire.Simulator.Http;
using LlmdAspire.Simulator.KvTransfer;
using LlmdAspire.Simulator.Ranks;

namespace LlmdAspire.Simulator.Generating;

/// <summary>Runs a checked request on a rank and writes its answer, whatever API it came by.</summary>
internal static class GenerationServing
{
    // Each takes about a kilobyte before its first token; without a bound, a body of a few megabytes could ask for more than there is memory.
    private const int MaxSequences = 16384;

    /// <param name="idPrefix">What the answer's id begins with.</param>
    public static async Task ServeAsync(
        HttpContext context, ServedEngine engine, ModelTask task, string idPrefix, Func<AnswerContext, IAnswerFormat> format)
    {
        var asked = task.Fields;
        (task, var error) = Fit(engine, task);
        var failure = error is null ? engine.Failures.Draw() : null;
        error ??= failure?.Error;
        if (error is not null)
        {
            await JsonReply.WriteAsync(context, error);
            return;
        }

        var planned = SequencePlan.Of(engine, task, out error);
        if (error is not null)
        {
            await JsonReply.WriteAsync(context, error);
            return;
        }

        var head = new AnswerHead($"{idPrefix}{RequestIds.Of(context, asked.RequestId)}", DateTimeOffset.UtcNow.ToUnixTimeSeconds(), asked.Model ?? engine.Name);
        var place = RankPlace.Of(context, engine);
        (var leg, error) = await TransferLeg.OpenAsync(context, engine, place, asked.KvTransfer, head.Id);
        if (error is not null)
        {
            await JsonReply.WriteAsync(context, error);
            return;
        }

        var sequences = leg.Apply([.. planned.Select(sequence => sequence.Request)]);
        var generation = CacheThreshold.End(context, engine, place.Rank.Engine, sequences, asked) ?? place.Rank.Submit(sequences, RequestArrival.Of(context), engine.Face.MostWaiting);
        if (generation is null)
        {
            leg.GiveUp();
            await RefuseAsync(context);
            return;
        }

        engine.Face.Pod.Write(context);
        var mishap = failure is null ? null : new Mishap(failure.Effect, engine.Failures.Settings.AfterTokens);
        using var answer = format(new AnswerContext(head, engine, task, [.. planned.Select(sequence => sequence.Text)]));
        await GenerationRun.RunAsync(context, place.Rank.Engine, generation, sequences, () => AnswerAsync(context, engine, generation, task, answer, leg, mishap));
    }

    /// <summary>Answers that the waiting queue is full.</summary>
    public static Task RefuseAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        return JsonReply.WriteAsync(context, OpenAiError.OfStatus(429, "The waiting queue is full (--max-waiting-queue-length); try again later."));
    }

    private static async Task AnswerAsync(
        HttpContext context, ServedEngine engine, Generation generation, ModelTask task, IAnswerFormat answer, TransferLeg leg, Mishap? mishap)
    {
        if (task.Fields.Stream)
        {
            await new GenerationStream(engine, generation, task, answer, mishap).WriteAsync(context);
            return;
        }

        await GenerationRun.FinishAsync(context, generation, mishap);
        context.RequestAborted.ThrowIfCancellationRequested();
        var usage = RequestUsage.Of(engine, generation, task.Fields);
        await JsonReply.WriteAsync(context, json => answer.WriteWhole(json, generation, usage, () => leg.Write(json, context)));
    }

    /// <summary>Cuts the prompts where the request says so and checks that they fit the model.</summary>
    private static (ModelTask Task, OpenAiError? Error) Fit(ServedEngine engine, ModelTask task)
    {
        var asked = task.Fields;
        var context = engine.Options.MaxModelLength;
        if (PromptCut.FindMistake(asked, context) is { } mistake)
        {
            return (task, mistake);
        }

        task = PromptCut.Apply(task, context);
        if ((long)task.Prompts.Count * asked.Choices > MaxSequences)
        {
            return (task, OpenAiError.BadRequest(
                $"A request may ask for at most {MaxSequences} sequences, prompts times n; this one asks for {(long)task.Prompts.Count * asked.Choices}.", "prompt"));
        }

        return (task, task.Prompts.Select(prompt => ContextLimit.Check(context, prompt.Count, asked.MaxTokens)).FirstOrDefault(found => found is not null));
    }
}
