using LlmdAspire.EngineModel;
using LlmdAspire.Simulator.Engines;

namespace LlmdAspire.Simulator.Generating;

/// <summary>Requests that run only where enough of their prompt is cached: a decode engine sends the others to a prefill engine first.</summary>
internal static class CacheThreshold
{
    private const string Header = "X-Cache-Threshold-Finish-Reason";

    // No share is this large.
    private const double Never = 2;

    /// <summary>The request, ended with <c>cache_threshold</c>; null when it may run.</summary>
    public static Generation? End(HttpContext context, ServedEngine engine, Engine rank, IReadOnlyList<SequenceRequest> sequences, GenerationFields asked)
    {
        var forced = context.Request.Headers[Header].ToString() is "true" or "True" or "TRUE" or "t" or "T" or "1";
        var threshold = forced ? Never : asked.CacheHitThreshold ?? engine.Face.CacheHitThreshold;
        return threshold is > 0 and var share ? rank.EndBelowThreshold(sequences, share) : null;
    }
}
