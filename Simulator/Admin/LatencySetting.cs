using LlmdAspire.EngineModel.Timing;
using LlmdAspire.Simulator.CommandLine;

namespace LlmdAspire.Simulator.Admin;

/// <summary>One of the times that <c>/admin/config</c> tells and changes, under its flag's name.</summary>
/// <param name="IsTransfer">Whether it is about copies, which a hardware profile leaves to be given.</param>
internal sealed record LatencySetting(string Name, Func<Latencies, TimeSpan> Of, Func<Latencies, TimeSpan, Latencies> With, bool IsTransfer = false)
{
    public static IReadOnlyList<LatencySetting> All { get; } =
    [
        new("time-to-first-token", times => times.TimeToFirstToken, (times, value) => times with { TimeToFirstToken = value }),
        new("time-to-first-token-std-dev", times => times.TimeToFirstTokenDeviation, (times, value) => times with { TimeToFirstTokenDeviation = value }),
        new("prefill-overhead", times => times.PrefillOverhead, (times, value) => times with { PrefillOverhead = value }),
        new("prefill-time-per-token", times => times.PrefillTimePerToken, (times, value) => times with { PrefillTimePerToken = value }),
        new("prefill-time-std-dev", times => times.PrefillDeviation, (times, value) => times with { PrefillDeviation = value }),
        new("inter-token-latency", times => times.InterTokenLatency, (times, value) => times with { InterTokenLatency = value }),
        new("inter-token-latency-std-dev", times => times.InterTokenDeviation, (times, value) => times with { InterTokenDeviation = value }),
        Copy("kv-cache-transfer-latency", times => times.Latency, (times, value) => times with { Latency = value }),
        Copy("kv-cache-transfer-latency-std-dev", times => times.LatencyDeviation, (times, value) => times with { LatencyDeviation = value }),
        Copy("kv-cache-transfer-time-per-token", times => times.TimePerToken, (times, value) => times with { TimePerToken = value }),
        Copy("kv-cache-transfer-time-std-dev", times => times.TimeDeviation, (times, value) => times with { TimeDeviation = value }),
    ];

    public static LatencySetting? Find(string name) => All.FirstOrDefault(setting => setting.Name == name);

    /// <summary>A deviation that is too wide for its mean; times that follow from tokens have no mean of their own to compare with.</summary>
    /// <param name="isChanged">Whether a setting is new: one that nobody named is left as it is.</param>
    public static string? FindDeviationMistake(Latencies times, Func<string, bool> isChanged) =>
        All.Select(mean => (Mean: mean, Deviation: Find($"{mean.Name}-std-dev")))
            .Where(pair => pair.Deviation is { } deviation && (isChanged(pair.Mean.Name) || isChanged(deviation.Name))
                && deviation.Of(times) > pair.Mean.Of(times) * SimulatorFlags.MostDeviation)
            .Select(pair => $"{pair.Deviation!.Name} is more than 30 % of {pair.Mean.Name}; make it smaller.")
            .FirstOrDefault();

    private static LatencySetting Copy(string name, Func<TransferTimes, TimeSpan> of, Func<TransferTimes, TimeSpan, TransferTimes> with) =>
        new(name, times => of(times.Transfer), (times, value) => times with { Transfer = with(times.Transfer, value) }, IsTransfer: true);
}
