using LlmdAspire.Bench.Client;

namespace LlmdAspire.Bench.Results;

/// <summary>Times that follow from others.</summary>
internal static class RequestTimes
{
    /// <summary>Seconds for each output token after the first; null when there is none.</summary>
    public static double? PerOutputToken(RequestOutcome outcome) =>
        outcome.OutputTokens > 1 ? (outcome.Latency - outcome.TimeToFirstToken) / (outcome.OutputTokens - 1) : null;
}
