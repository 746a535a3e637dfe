using LlmdAspire.Scheduling.Endpoints;

namespace LlmdAspire.Scheduling.Saturation;

/// <summary>Says how full a pool is.</summary>
/// <remarks>Called on the request path and shared by all requests: thread-safe, no I/O.</remarks>
public interface ISaturationDetector
{
    /// <summary>0 when all are idle, 1 and more when no more fits; 1 when there are no endpoints.</summary>
    double Measure(ReadOnlySpan<EngineEndpoint> endpoints);
}
