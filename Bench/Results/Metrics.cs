using LlmdAspire.Bench.Client;

namespace LlmdAspire.Bench.Results;

/// <summary>The figures of one run. Latencies are in seconds here and in milliseconds wherever they are shown.</summary>
internal sealed record Metrics
{
    public required double Duration { get; init; }

    public required int Completed { get; init; }

    public required int Failed { get; init; }

    public required long InputTokens { get; init; }

    public required long OutputTokens { get; init; }

    public required int Good { get; init; }

    public required Peaks Peaks { get; init; }

    public required Statistics TimeToFirstToken { get; init; }

    public required Statistics TimePerOutputToken { get; init; }

    public required Statistics InterTokenLatency { get; init; }

    public required Statistics Latency { get; init; }

    public double RequestThroughput => PerSecond(Completed);

    public double RequestGoodput => PerSecond(Good);

    public double OutputThroughput => PerSecond(OutputTokens);

    public double TotalThroughput => PerSecond(InputTokens + OutputTokens);

    /// <param name="outcomes">Of every request that ended; those that failed count as failed and nowhere else.</param>
    /// <param name="duration">Seconds from the start of the run to its end.</param>
    /// <param name="goodput">What a good request is.</param>
    public static Metrics Of(IEnumerable<RequestOutcome> outcomes, double duration, Goodput goodput)
    {
        var byVerdict = outcomes.ToLookup(outcome => outcome.Success);
        var succeeded = byVerdict[true].ToList();
        return new Metrics
        {
            Duration = duration,
            Completed = succeeded.Count,
            Failed = byVerdict[false].Count(),
            InputTokens = succeeded.Sum(outcome => (long)outcome.InputTokens),
            OutputTokens = succeeded.Sum(outcome => (long)outcome.OutputTokens),
            Good = goodput.IsAsked ? succeeded.Count(goodput.IsKeptBy) : 0,
            Peaks = Peaks.Of(succeeded),
            TimeToFirstToken = new(succeeded.Select(outcome => outcome.TimeToFirstToken)),
            TimePerOutputToken = new(succeeded.Select(RequestTimes.PerOutputToken).OfType<double>()),
            InterTokenLatency = new(succeeded.SelectMany(outcome => outcome.InterTokenLatencies)),
            Latency = new(succeeded.Select(outcome => outcome.Latency)),
        };
    }

    // A run that was stopped before anything happened has no rates.
    private double PerSecond(long count) => Duration > 0 ? count / Duration : 0;
}
