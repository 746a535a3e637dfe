namespace LlmdAspire.EngineModel.Metrics;

/// <summary>What an engine counts over its life, under vLLM's meanings; times in seconds as a client would measure them.</summary>
/// <remarks>Written by the engine under its lock; read through <see cref="Engine.Read"/>, which takes it too.</remarks>
public sealed class EngineMetrics
{
    private readonly long[] _finished = new long[Enum.GetValues<FinishReason>().Length];

    internal EngineMetrics(int maxModelLength)
    {
        var tokens = Buckets.Tokens(maxModelLength);
        PromptLength = new Histogram(tokens);
        GenerationLength = new Histogram(tokens);
        MaxTokensAsked = new Histogram(tokens);
    }

    public long PromptTokens { get; internal set; }

    public long GenerationTokens { get; internal set; }

    public Histogram TimeToFirstToken { get; } = new(Buckets.FirstToken);

    public Histogram InterTokenLatency { get; } = new(Buckets.BetweenTokens);

    public Histogram TimePerOutputToken { get; } = new(Buckets.BetweenTokens);

    public Histogram EndToEnd { get; } = new(Buckets.WholeRequest);

    public Histogram Queue { get; } = new(Buckets.WholeRequest);

    public Histogram Inference { get; } = new(Buckets.WholeRequest);

    public Histogram Prefill { get; } = new(Buckets.WholeRequest);

    public Histogram Decode { get; } = new(Buckets.WholeRequest);

    public Histogram PromptLength { get; }

    public Histogram GenerationLength { get; }

    public Histogram MaxTokensAsked { get; }

    /// <summary>Sequences that ended for <paramref name="reason"/>.</summary>
    public long Finished(FinishReason reason) => _finished[(int)reason];

    internal void CountFinished(FinishReason reason) => _finished[(int)reason]++;
}
