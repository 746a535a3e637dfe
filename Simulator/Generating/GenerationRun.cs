using LlmdAspire.EngineModel;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Generating;

/// <summary>Runs a request on its engine and ends it there when the client goes away.</summary>
internal static class GenerationRun
{
    /// <summary>Submits <paramref name="sequences"/>, calls <paramref name="answer"/>, and leaves nothing running however that ends.</summary>
    public static async Task RunAsync(
        HttpContext context, Engine engine, IReadOnlyList<SequenceRequest> sequences, Func<Generation, Task> answer)
    {
        var generation = engine.Submit(sequences, RequestArrival.Of(context));
        await using var gone = context.RequestAborted.Register(() => engine.Abort(generation));
        try
        {
            await answer(generation);
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

    /// <summary>Waits until every sequence has ended.</summary>
    public static async Task FinishAsync(Generation generation)
    {
        while (!generation.IsFinished)
        {
            await generation.WaitAsync();
        }
    }
}
