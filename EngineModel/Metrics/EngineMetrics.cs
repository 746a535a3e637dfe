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
        PromptComputed = new Histogram(tokens);
        GenerationLength = new Histogram(tokens);
        MaxTokensAsked = new Histogram(tokens);
    }

    public long PromptTokens { get; internal set; }

    /// <summary>Those of <see cref="PromptTokens"/> that were computed here.</summary>
    public long PromptTokensComputed { get; internal set; }

    /// <summary>Those of <see cref="PromptTokens"/> that were found in the prefix cache.</summary>
    public long PromptTokensCached { get; internal set; }

    /// <summary>Those of <see cref="PromptTokens"/> that were copied from another engine.</summary>
    public long PromptTokensCopied { get; internal set; }

    public long GenerationTokens { get; internal set; }

    /// <summary>Tokens that went through the model: of prompts, of answers, and those computed again after a lost place.</summary>
    public long ComputedTokens { get; internal set; }

    /// <summary>Prompt tokens looked up in the prefix cache.</summary>
    public long PrefixQueries { get; internal set; }

    public long PrefixHits { get; internal set; }

    /// <summary>Prompt tokens that were not in the prefix cache and might have come from another engine.</summary>
    public long ExternalQueries { get; internal set; }

    public long ExternalHits { get; internal set; }

    /// <summary>Sequences that lost their place because blocks ran out.</summary>
    public long Preemptions { get; internal set; }

    /// <summary>Exports that nobody fetched in time.</summary>
    public long ExpiredExports { get; internal set; }

    public long FailedTransfers { get; internal set; }

    public long FailedNotifications { get; internal set; }

    public Histogram TransferTime { get; } = new(Buckets.Transfer);

    public Histogram TransferBytes { get; } = new(Buckets.TransferBytes);

    public Histogram TransferDescriptors { get; } = new(Buckets.TransferDescriptors);

    public Histogram TimeToFirstToken { get; } = new(Buckets.FirstToken);

    public Histogram InterTokenLatency { get; } = new(Buckets.BetweenTokens);

    public Histogram TimePerOutputToken { get; } = new(Buckets.BetweenTokens);

    public Histogram EndToEnd { get; } = new(Buckets.WholeRequest);

    public Histogram Queue { get; } = new(Buckets.WholeRequest);

    public Histogram Inference { get; } = new(Buckets.WholeRequest);

    public Histogram Prefill { get; } = new(Buckets.WholeRequest);

    public Histogram Decode { get; } = new(Buckets.WholeRequest);

    /// <summary>Prompt tokens whose prefill a step ended and tokens that came out of it, for each step.</summary>
    public Histogram IterationTokens { get; } = new(Buckets.Iteration);

    public Histogram PromptLength { get; }

    /// <summary>Those of a request's prompt tokens that were neither cached nor copied.</summary>
    public Histogram PromptComputed { get; }

    public Histogram GenerationLength { get; }

    public Histogram MaxTokensAsked { get; }

    /// <summary>Choices a request asked for.</summary>
    public Histogram ChoicesAsked { get; } = new(Buckets.Choices);

    /// <summary>Sequences that ended for <paramref name="reason"/>.</summary>
    public long Finished(FinishReason reason) => _finished[(int)reason];

    internal void CountFinished(FinishReason reason) => _finished[(int)reason]++;
}
