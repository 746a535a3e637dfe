using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Simulator.CommandLine;

/// <summary>Times that are given as such, in llm-d-inference-sim's spellings. Any of prefill or decode takes the place of the hardware profile's times.</summary>
public sealed partial class SimulatorFlags
{
    public const string ConstantLatencies = "constant";
    public const string PerTokenLatencies = "per-token";

    private static readonly TimeSpan s_millisecond = TimeSpan.FromMilliseconds(1);

    // More than that, and cutting the times to 30 to 170 percent of the mean would move the mean.
    internal const double MostDeviation = 0.3;

    public Flag<TimeSpan> TimeToFirstToken { get; private set; } = null!;

    public Flag<TimeSpan> TimeToFirstTokenDeviation { get; private set; } = null!;

    public Flag<TimeSpan> PrefillOverhead { get; private set; } = null!;

    public Flag<TimeSpan> PrefillTimePerToken { get; private set; } = null!;

    public Flag<TimeSpan> PrefillDeviation { get; private set; } = null!;

    public Flag<TimeSpan> InterTokenLatency { get; private set; } = null!;

    public Flag<TimeSpan> InterTokenDeviation { get; private set; } = null!;

    public Flag<double> TimeFactorUnderLoad { get; private set; } = null!;

    public Flag<string> LatencyCalculator { get; private set; } = null!;

    public Flag<TimeSpan> KvTransferLatency { get; private set; } = null!;

    public Flag<TimeSpan> KvTransferLatencyDeviation { get; private set; } = null!;

    public Flag<TimeSpan> KvTransferTimePerToken { get; private set; } = null!;

    public Flag<TimeSpan> KvTransferTimeDeviation { get; private set; } = null!;

    /// <summary>Whether prefill or decode times are given, so that they do not follow from the profile.</summary>
    internal bool GivesLatencies =>
        TimeToFirstToken.IsGiven || PrefillOverhead.IsGiven || PrefillTimePerToken.IsGiven || InterTokenLatency.IsGiven;

    private void DefineLatencies()
    {
        TimeToFirstToken = Latency("time-to-first-token", "Prefill time of any prompt; 0 to let --prefill-time-per-token decide. Any of these times takes the place of the profile's.");
        TimeToFirstTokenDeviation = Latency("time-to-first-token-std-dev", "Its standard deviation, at most 30 %; times are cut to 30 to 170 % of the mean.");
        PrefillOverhead = Latency("prefill-overhead", "Prefill time before the prompt's tokens count, used when --time-to-first-token is 0 or not given.");
        PrefillTimePerToken = Latency("prefill-time-per-token", "Prefill time of one prompt token that is not cached, used when --time-to-first-token is 0 or not given.");
        PrefillDeviation = Latency("prefill-time-std-dev", "Standard deviation of a prefill by tokens.");
        InterTokenLatency = Latency("inter-token-latency", "Time between two tokens of a sequence.");
        InterTokenDeviation = Latency("inter-token-latency-std-dev", "Its standard deviation, at most 30 %.");
        TimeFactorUnderLoad = Define("time-factor-under-load", 1.0, "How many times longer given times are when --max-num-seqs sequences run; in between, in proportion.");
        LatencyCalculator = Define("latency-calculator", "", "constant: only --time-to-first-token and --kv-cache-transfer-latency count; per-token: only the times per token; both when absent.");
        KvTransferLatency = Latency("kv-cache-transfer-latency", "Time to copy a prompt's KV content from a prefill engine; 0 to let its size decide.");
        KvTransferLatencyDeviation = Latency("kv-cache-transfer-latency-std-dev", "Its standard deviation, at most 30 %.");
        KvTransferTimePerToken = Latency("kv-cache-transfer-time-per-token", "The same for each token; 0 to let the profile's bandwidth decide.");
        KvTransferTimeDeviation = Latency("kv-cache-transfer-time-std-dev", "Standard deviation of a copy by tokens.");

        Check(TimeFactorUnderLoad, factor => factor is >= 1 and <= 1000 ? null : "must be from 1 to 1000");
        Check(LatencyCalculator, name => name is "" or ConstantLatencies or PerTokenLatencies ? null : $"must be {ConstantLatencies} or {PerTokenLatencies}");
    }

    private Flag<TimeSpan> Latency(string name, string help) => DefineDuration(name, TimeSpan.Zero, help, s_millisecond);

    private IEnumerable<string> FindLatencyMistakes()
    {
        foreach (var (deviation, mean) in new[] { (TimeToFirstTokenDeviation, TimeToFirstToken), (InterTokenDeviation, InterTokenLatency), (KvTransferLatencyDeviation, KvTransferLatency) })
        {
            if (deviation.Value > mean.Value * MostDeviation)
            {
                yield return $"--{deviation.Name} is more than 30 % of --{mean.Name}; make it smaller.";
            }
        }
    }
}
