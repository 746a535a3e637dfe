namespace LlmdAspire.EngineModel;

/// <summary>Requests that only want what is cached.</summary>
public sealed partial class Engine
{
    /// <summary>Ends a request before it begins when too little of one of its prompts is cached.</summary>
    /// <param name="threshold">Share of a prompt's tokens, from 0 to 1, that must be cached; more than 1 ends every request.</param>
    /// <returns>The request, ended with <see cref="FinishReason.CacheThreshold"/>; null when enough is cached, and nothing was done.</returns>
    public Generation? EndBelowThreshold(IReadOnlyList<SequenceRequest> requests, double threshold)
    {
        var generation = new Generation();
        generation.Sequences = [.. requests.Select(request => new Sequence(request, generation, _time.GetTimestamp(), _options.BlockSize))];
        HashPrompts(generation.Sequences);
        return Change(_ => EndBelow(generation, threshold));
    }

    private Generation? EndBelow(Generation generation, double threshold)
    {
        if (generation.Sequences.All(sequence => CachedShare(sequence) >= threshold))
        {
            return null;
        }

        foreach (var sequence in generation.Sequences)
        {
            sequence.End(FinishReason.CacheThreshold);
            _metrics.CountFinished(FinishReason.CacheThreshold);
            sequence.EndImport();
        }

        generation.Signal();
        return generation;
    }

    private double CachedShare(Sequence sequence)
    {
        var digests = sequence.Chain is { } chain ? chain.First((sequence.Prompt.Count - 1) / _options.BlockSize) : [];
        return (double)(_blocks.CountHits(digests) * _options.BlockSize) / sequence.Prompt.Count;
    }
}
