using LlmdAspire.EngineModel;
using LlmdAspire.Simulator.Failures;

namespace LlmdAspire.Simulator.Generating;

/// <summary>Follows a request on its engine and ends it there when the client goes away.</summary>
internal static class GenerationRun
{
    /// <summary>Calls <paramref name="answer"/> and leaves nothing of <paramref name="generation"/> running however that ends.</summary>
    public static async Task RunAsync(
        HttpContext context, Engine engine, Generation generation, IReadOnlyList<SequenceRequest> sequences, Func<Task> answer)
    {
        await using var gone = context.RequestAborted.Register(() => engine.Abort(generation));
        try
        {
            await answer();
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer, and nobody learned what is kept for another engine.
            foreach (var id in sequences.Select(sequence => sequence.ExportAs).OfType<string>())
            {
                _ = engine.ReleaseExport(id);
            }
        }
        finally
        {
            engine.Abort(generation);
        }
    }

    /// <summary>Waits until every sequence has ended, or lets <paramref name="mishap"/> happen on the way.</summary>
    public static async Task FinishAsync(HttpContext context, Generation generation, Mishap? mishap)
    {
        while (true)
        {
            if (mishap is not null && generation.Sequences.Any(sequence => sequence.Read().Tokens.Length >= mishap.AfterTokens))
            {
                await mishap.HappenAsync(context);
            }

            if (generation.IsFinished)
            {
                return;
            }

            await generation.WaitAsync();
        }
    }
}
