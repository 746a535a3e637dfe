using LlmdAspire.EngineModel;
using LlmdAspire.EngineModel.Timing;
using LlmdAspire.Serving.Blocks.EngineHashes;
using LlmdAspire.Serving.Tokens;
using LlmdAspire.Simulator.CommandLine;
using LlmdAspire.Simulator.Failures;
using LlmdAspire.Simulator.KvEvents;
using LlmdAspire.Simulator.KvTransfer;
using LlmdAspire.Simulator.Ranks;

namespace LlmdAspire.Simulator.Engines;

/// <summary>One engine behind one port: the timing model of each of its ranks and what its HTTP interface says about itself.</summary>
internal sealed class ServedEngine : IAsyncDisposable
{
    private const string SideChannelHost = "VLLM_NIXL_SIDE_CHANNEL_HOST";

    private readonly TimeProvider _time;
    private long _loadedAt;
    private int _turn;

    public ServedEngine(SimulatorFlags flags, int index, EngineBlockHasher? hasher, TimeProvider time, RemoteEngines remotes, ILogger logger)
    {
        _time = time;
        Load(flags.StartupDuration);
        Created = time.GetUtcNow().ToUnixTimeSeconds();
        Tokenizer = flags.LoadedTokenizer;
        Model = flags.Model;
        Names = flags.ServedModelNames.Value is { Length: > 0 } served ? served : [flags.Model.Value];
        Echo = flags.Mode == SimulatorFlags.EchoMode;
        Seed = flags.Seed;
        TracksLoad = flags.EnableServerLoadTracking;
        ForcesUsage = flags.EnableForceIncludeUsage;
        TellsCachedTokens = flags.EnablePromptTokensDetails;
        TensorParallelSize = flags.TensorParallelSize;
        Profile = flags.HardwareProfile!.Name;
        ProfileTiming = flags.HardwareProfile.Timing(flags.Deployment);
        Transfer = flags.KvTransfer;
        TransferHost = Environment.GetEnvironmentVariable(SideChannelHost) is { Length: > 0 } host ? host : null;
        Remotes = remotes;
        Face = new EngineFace(flags, time);
        Options = EngineSetup.Options(flags, index, hasher);
        Ranks = OpenRanks(flags, index, EngineSetup.Timing(flags, ProfileTiming), logger);

        IReadOnlyList<FailureKind> kinds = [.. flags.FailureTypes.Value.SelectMany(FailureKind.Split).Select(name => FailureKind.Find(name)!)];
        var failures = new FailureSettings(flags.FailureRate, kinds.Count > 0 ? kinds : FailureKind.Errors, flags.FailureAfterTokens);
        Failures = new FailureInjection(failures, unchecked((int)flags.Seed.Value + index));
    }

    /// <summary>The data-parallel ranks; one for an engine without data parallelism.</summary>
    public IReadOnlyList<EngineRank> Ranks { get; }

    public EngineOptions Options { get; }

    public ITokenizer Tokenizer { get; }

    public FailureInjection Failures { get; }

    /// <summary>What its HTTP interface knows beside.</summary>
    public EngineFace Face { get; }

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

    /// <summary>Whether usage tells how many prompt tokens were cached.</summary>
    public bool TellsCachedTokens { get; }

    public int TensorParallelSize { get; }

    /// <summary>Name of the hardware profile.</summary>
    public string Profile { get; }

    /// <summary>What the profile makes of step times, whether or not they are in force.</summary>
    public HardwareTiming ProfileTiming { get; }

    /// <summary>How it exchanges KV content with other engines; null for not at all.</summary>
    public KvTransferConfig? Transfer { get; }

    /// <summary>Where other engines find it, where it was told; null for the address at which it was called.</summary>
    public string? TransferHost { get; }

    /// <summary>The engines whose content it copies.</summary>
    public RemoteEngines Remotes { get; }

    /// <summary>Step times, the same for every rank.</summary>
    public ITimingModel Timing
    {
        get => Ranks[0].Engine.Timing;
        set
        {
            foreach (var rank in Ranks)
            {
                rank.Engine.Timing = value;
            }
        }
    }

    /// <summary>Unix time at which the model list says the model was made.</summary>
    public long Created { get; }

    /// <summary>Whether the pretended loading of the model is over.</summary>
    public bool IsLoaded => _time.GetTimestamp() >= Interlocked.Read(ref _loadedAt);

    /// <summary>Pretends to load the model, from now on and for so long.</summary>
    public void Load(TimeSpan duration) =>
        Interlocked.Exchange(ref _loadedAt, _time.GetTimestamp() + (long)(duration.TotalSeconds * _time.TimestampFrequency));

    /// <summary>Counts requests that leave the choice among equal ranks to the engine.</summary>
    public int NextTurn() => Interlocked.Increment(ref _turn) - 1;

    public async ValueTask DisposeAsync()
    {
        foreach (var rank in Ranks)
        {
            rank.Engine.Dispose();
            if (rank.Events is { } events)
            {
                await events.DisposeAsync();
            }
        }
    }

    private List<EngineRank> OpenRanks(SimulatorFlags flags, int index, ITimingModel timing, ILogger logger)
    {
        var ranks = new List<EngineRank>();
        var count = flags.DataParallelSize.Value;
        var id = Transfer?.EngineId is { } given ? index == 0 ? given : $"{given}-{index}" : Guid.NewGuid().ToString();
        for (var rank = 0; rank < count; rank++)
        {
            var events = flags.KvEvents.IsOn ? RankEvents.Open(flags, index, rank, _time, logger, name => Face.Loras.Find(name)?.Id) : null;
            ranks.Add(new EngineRank(rank, new Engine(Options with { Seed = Options.Seed + rank }, timing, _time, events), events, count == 1 ? id : $"{id}_dp{rank}"));
        }

        return ranks;
    }
}
