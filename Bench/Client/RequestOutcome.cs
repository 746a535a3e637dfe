namespace LlmdAspire.Bench.Client;

/// <summary>What became of one request. Times are seconds.</summary>
internal sealed record RequestOutcome
{
    public bool Success { get; init; }

    /// <summary>When it was sent, from the start of the run.</summary>
    public double StartTime { get; init; }

    /// <summary>From sending to the first chunk with choices.</summary>
    public double TimeToFirstToken { get; init; }

    /// <summary>Gaps between the chunks with choices.</summary>
    public double[] InterTokenLatencies { get; init; } = [];

    /// <summary>From sending to the last chunk.</summary>
    public double Latency { get; init; }

    public int InputTokens { get; init; }

    public int OutputTokens { get; init; }

    /// <summary>The answer; empty where nobody will read it.</summary>
    public string Text { get; init; } = "";

    /// <summary>Why it failed: the reason phrase, or what broke.</summary>
    public string Error { get; init; } = "";

    /// <summary>The beginning of a refusal's body, for a person to read.</summary>
    public string Detail { get; init; } = "";
}
