using LlmdAspire.EngineModel;
using LlmdAspire.Serving.Tokens;
using LlmdAspire.Simulator.CommandLine;
using LlmdAspire.Simulator.Failures;

namespace LlmdAspire.Simulator.Engines;

/// <summary>One engine behind one port: the timing model and what its HTTP interface says about itself.</summary>
internal sealed class ServedEngine : IDisposable
{
    private readonly TimeProvider _time;
    private readonly long _loadedAt;

    public ServedEngine(SimulatorFlags flags, int index, TimeProvider time)
    {
        _time = time;
        _loadedAt = time.GetTimestamp() + (long)(flags.StartupDuration.Value.TotalSeconds * time.TimestampFrequency);
        Created = time.GetUtcNow().ToUnixTimeSeconds();
        Model = flags.Model;
        Names = flags.ServedModelNames.Value is { Length: > 0 } served ? served : [flags.Model.Value];
        Echo = flags.Mode == SimulatorFlags.EchoMode;
        Seed = flags.Seed;
        TracksLoad = flags.EnableServerLoadTracking;
        ForcesUsage = flags.EnableForceIncludeUsage;
        Options = new EngineOptions
        {
            MaxSequences = flags.MaxSequences,
            BlockSize = flags.BlockSize,
            Blocks = flags.Blocks,
            TimeScale = flags.TimeScale,
            MaxModelLength = flags.MaxModelLength,
        };
        var perTokenOnly = flags.PrefillTimePerToken.IsGiven && !flags.TimeToFirstToken.IsGiven;
        var latencies = new Latencies
        {
            TimeToFirstToken = perTokenOnly ? TimeSpan.Zero : flags.TimeToFirstToken,
            PrefillTimePerToken = flags.PrefillTimePerToken,
            InterTokenLatency = flags.InterTokenLatency,
        };
        Engine = new Engine(Options, latencies, time);

        IReadOnlyList<FailureKind> kinds = [.. flags.FailureTypes.Value.SelectMany(FailureKind.Split).Select(name => FailureKind.Find(name)!)];
        var failures = new FailureSettings(flags.FailureRate, kinds.Count > 0 ? kinds : FailureKind.All);
        Failures = new FailureInjection(failures, unchecked((int)flags.Seed.Value + index));
    }

    public Engine Engine { get; }

    public EngineOptions Options { get; }

    public ITokenizer Tokenizer { get; } = BuiltinTokenizer.Instance;

    public FailureInjection Failures { get; }

    /// <summary>The model itself, which decides the text.</summary>
    public string Model { get; }

    /// <summary>The names requests may use, the first one for answers.</summary>
    public IReadOnlyList<string> Names { get; }

    public string Name => Names[0];

    public long Seed { get; }

    public bool Echo { get; }

    public bool TracksLoad { get; }

    /// <summary>Whether streams tell their usage without being asked.</summary>
    public bool ForcesUsage { get; }

    /// <summary>Unix time at which the model list says the model was made.</summary>
    public long Created { get; }

    /// <summary>Whether the pretended loading of the model is over.</summary>
    public bool IsLoaded => _time.GetTimestamp() >= _loadedAt;

    public void Dispose() => Engine.Dispose();
}
