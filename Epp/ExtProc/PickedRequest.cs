using LlmdAspire.Epp.Picking;
using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Epp.ExtProc;

/// <summary>A request that has a destination and counts as in flight there until it ends. Not thread-safe.</summary>
internal sealed class PickedRequest
{
    private readonly EppMetrics _metrics;
    private readonly int _tokens;
    private EngineEndpoint? _prefill;

    public PickedRequest(PickOutcome outcome, EppMetrics metrics, long bodyBytes)
    {
        _metrics = metrics;
        Model = outcome.Request!.Model;
        Endpoint = outcome.Result!.Best!;
        _prefill = outcome.Result.Prefill;
        _tokens = outcome.Request.PromptTokens;
        Endpoint.Begin(_tokens);
        _prefill?.Begin(_tokens);
        _metrics.Began(Model, bodyBytes);
    }

    public string Model { get; }

    public EngineEndpoint Endpoint { get; }

    /// <summary>The answer has begun, so the prompt is computed.</summary>
    public void PrefillEnded()
    {
        _prefill?.End(_tokens);
        _prefill = null;
    }

    public void Ended(TimeSpan took, long responseBytes, Usage? usage)
    {
        PrefillEnded();
        Endpoint.End(_tokens);
        _metrics.Ended(Model, took, responseBytes, usage);
    }
}
