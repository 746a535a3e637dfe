using LlmdAspire.Protocols.MessagePack.KvEvents;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.Blocks.EngineHashes;
using LlmdAspire.Serving.Tokens;
using LlmdAspire.Simulator.KvEvents;
using LlmdAspire.Simulator.KvTransfer;

namespace LlmdAspire.Simulator.CommandLine;

/// <summary>The simulator's flags, in vLLM's and llm-d-inference-sim's spellings.</summary>
public sealed partial class SimulatorFlags : ServiceFlags
{
    public const string RandomMode = "random";
    public const string EchoMode = "echo";

    private const string Sha256 = "sha256";
    private const string Sha256Cbor = "sha256_cbor";

    // An engine's ranks spread over processes: each would serve some of them alone.
    private static readonly (string Name, string[] Short)[] s_spread = [("data-parallel-rank", ["dpn"]), ("data-parallel-start-rank", ["dpr"]), ("headless", [])];

    private ITokenizer? _tokenizer;

    public SimulatorFlags()
        : base("simulator", "A vLLM engine without a GPU: vLLM's HTTP interface over a timing model.", 8000)
    {
        Model = Define("model", "meta-llama/Llama-3.1-8B-Instruct", "Model to serve; its name also enters the generated text.");
        ServedModelNames = Define<string[]>("served-model-name", [], "Names that requests may use instead of the model's own; the first one stands in answers.");
        MaxModelLength = Define("max-model-len", 131072, "Prompt and generated tokens of a request together.");
        MaxSequences = Define<int?>("max-num-seqs", null, "Sequences that run at the same time; the others wait. By the profile's GPU when absent: 1024 from 70 GiB on, else 256.");
        BlockSize = Define("block-size", 16, "Tokens in a KV-cache block.");
        Blocks = Define<int?>("kv-cache-blocks", null, "KV-cache blocks; what the profile's GPU has room for when absent.", "kv-cache-size", "num-gpu-blocks-override");
        Seed = Define("seed", 0L, "Seed of the generated text.");
        Mode = Define("mode", RandomMode, "random: sentences that follow from seed, model and prompt; echo: the prompt or the last user message.");
        TimeScale = Define("time-scale", 1.0, "How many times faster than real time to run.");
        Instances = Define("instances", 1, "Engines in this process, on as many ports from --port up.");
        ApiKeys = Define<string[]>("api-key", [], "Bearer key that paths under /v1 ask for; repeat for several. VLLM_API_KEY when absent.");
        EnableRequestIdHeaders = Define("enable-request-id-headers", false, "Whether answers carry X-Request-Id.");
        EnableServerLoadTracking = Define("enable-server-load-tracking", false, "Whether GET /load counts requests; 0 otherwise.");
        EnableForceIncludeUsage = Define("enable-force-include-usage", false, "Whether every stream tells its usage, asked for or not.");
        MaxBodyMegabytes = Define("max-request-body-size-mb", 4, "Largest request body in MiB; 4 hold a prompt of 128k tokens as text or as ids.");
        StartupDuration = DefineDuration("startup-duration", TimeSpan.Zero, "How long the engine pretends to load its model; requests get 503 meanwhile.");
        FailureRate = Define("failure-injection-rate", 0, "Share of requests that fail, in percent.");
        FailureTypes = Define<string[]>("failure-types", [], $"Kinds of injected failures: {string.Join(", ", Failures.FailureKind.Names)}; every error when absent.");
        foreach (var (name, shorts) in s_spread)
        {
            // Known by name, so that nobody takes it for granted; without help, so that --help does not offer it.
            Check(
                Define<string[]>(name, [], "", shorts),
                _ => "asks for some ranks of an engine that is spread over processes; leave it out: all ranks of --data-parallel-size are served here, behind one port");
        }

        DefineApi();
        Tokenizer = Define("tokenizer", Tokenizers.Builtin, "builtin, or the path of a tokenizer.json with a byte-level BPE.");
        DataParallelSize = Define("data-parallel-size", 1, "Data-parallel ranks behind the port; X-data-parallel-rank names one.", "dp");
        TensorParallelSize = Define("tensor-parallel-size", 1, "GPUs that share each layer of a rank.", "tp");
        EnablePrefixCaching = Define("enable-prefix-caching", true, "Whether blocks of earlier requests are found again.");
        DisablePrefixCaching = Define("no-enable-prefix-caching", false, "The opposite of --enable-prefix-caching.");
        HashAlgorithmName = Define("prefix-caching-hash-algo", Sha256, "Hash of cached blocks: sha256 or sha256_cbor.");
        HashSeed = Define<string?>("hash-seed", null, "Seed of the block hashes; PYTHONHASHSEED when absent, and random without that.");
        EnablePromptTokensDetails = Define("enable-prompt-tokens-details", false, "Whether usage tells how many prompt tokens were cached.");
        KvEventsJson = Define("kv-events-config", "{}", "JSON with enable_kv_cache_events, publisher, endpoint, replay_endpoint, buffer_steps, hwm, topic.");
        ZmqEndpoint = Define<string?>("zmq-endpoint", null, "Where to publish KV events, as llm-d's simulator has it: in place of --kv-events-config, with the topic kv@POD_IP:PORT@MODEL.");
        ZmqReplayEndpoint = Define<string?>("kv-events-replay-endpoint", null, "Where the events of --zmq-endpoint can be asked for again.");
        ZmqReplayBatches = Define("replay-queue-size", 1024, "Batches kept for --kv-events-replay-endpoint.");
        KvEventsFormat = Define("kv-events-format", KvEventForm.Map, "Form of the events: map (vLLM 0.24 and later) or array.");
        KvTransferJson = Define("kv-transfer-config", "{}", "JSON with kv_connector, kv_role, engine_id, kv_load_failure_policy.");
        DefineHardware();
        DefineLatencies();

        Check(MaxModelLength, AtLeastOne);
        Check(MaxSequences, AtLeastOneIfGiven);
        Check(BlockSize, AtLeastOne);
        Check(Blocks, AtLeastOneIfGiven);
        Check(Mode, mode => mode is RandomMode or EchoMode ? null : "must be random or echo");
        Check(TimeScale, scale => scale is > 0 and <= 1e6 ? null : "must be above 0 and at most 1000000");
        Check(Instances, count => count is >= 1 and <= 256 ? null : "must be from 1 to 256");
        Check(MaxBodyMegabytes, size => size is >= 1 and <= 512 ? null : "must be from 1 to 512");
        Check(FailureRate, rate => rate is >= 0 and <= 100 ? null : "must be from 0 to 100");
        Check(FailureTypes, types => types.SelectMany(Failures.FailureKind.Split).FirstOrDefault(type => Failures.FailureKind.Find(type) is null) is { } unknown
            ? $"names '{unknown}', which is none of {string.Join(", ", Failures.FailureKind.Names)}" : null);
        Check(Tokenizer, name => Tokenizers.TryLoad(name, out _tokenizer));
        Check(DataParallelSize, size => size is >= 1 and <= 256 ? null : "must be from 1 to 256");
        Check(TensorParallelSize, AtLeastOne);
        Check(HashAlgorithmName, name => name is Sha256 or Sha256Cbor ? null
            : name is "xxhash" or "xxhash_cbor" ? $"needs XXH3, which the simulator does not have; take {Sha256} or {Sha256Cbor}" : $"must be {Sha256} or {Sha256Cbor}");
        Check(KvEventsJson, text => KvEventsConfig.Read(text, out _));
        Check(ZmqEndpoint, text => text is null ? null : EventAddress.FindMistake(text));
        Check(ZmqReplayEndpoint, text => text is null ? null : EventAddress.FindMistake(text));
        Check(ZmqReplayBatches, AtLeastOne);
        Check(KvTransferJson, text => KvTransferConfig.Read(text, out _));
    }

    public Flag<string> Model { get; }

    public Flag<string[]> ServedModelNames { get; }

    public Flag<int> MaxModelLength { get; }

    public Flag<int?> MaxSequences { get; }

    public Flag<int> BlockSize { get; }

    public Flag<int?> Blocks { get; }

    public Flag<long> Seed { get; }

    public Flag<string> Mode { get; }

    public Flag<double> TimeScale { get; }

    public Flag<int> Instances { get; }

    public Flag<string[]> ApiKeys { get; }

    public Flag<bool> EnableRequestIdHeaders { get; }

    public Flag<bool> EnableServerLoadTracking { get; }

    public Flag<bool> EnableForceIncludeUsage { get; }

    public Flag<int> MaxBodyMegabytes { get; }

    public Flag<TimeSpan> StartupDuration { get; }

    public Flag<int> FailureRate { get; }

    public Flag<string[]> FailureTypes { get; }

    public Flag<string> Tokenizer { get; }

    /// <summary>What <see cref="Tokenizer"/> names; all engines of the process share it.</summary>
    public ITokenizer LoadedTokenizer => _tokenizer ?? BuiltinTokenizer.Instance;

    public Flag<int> DataParallelSize { get; }

    public Flag<int> TensorParallelSize { get; }

    public Flag<bool> EnablePrefixCaching { get; }

    public Flag<bool> DisablePrefixCaching { get; }

    public Flag<string> HashAlgorithmName { get; }

    public Flag<string?> HashSeed { get; }

    public Flag<bool> EnablePromptTokensDetails { get; }

    public Flag<string> KvEventsJson { get; }

    public Flag<string?> ZmqEndpoint { get; }

    public Flag<string?> ZmqReplayEndpoint { get; }

    public Flag<int> ZmqReplayBatches { get; }

    public Flag<KvEventForm> KvEventsFormat { get; }

    public Flag<string> KvTransferJson { get; }

    internal EngineHashAlgorithm HashAlgorithm => HashAlgorithmName == Sha256 ? EngineHashAlgorithm.Sha256 : EngineHashAlgorithm.Sha256Cbor;

    internal bool CachesPrefixes => EnablePrefixCaching && !DisablePrefixCaching;

    /// <summary>What <see cref="KvEventsJson"/> says, or <see cref="ZmqEndpoint"/> in its place.</summary>
    internal KvEventsConfig KvEvents =>
        ZmqEndpoint.Value is { } endpoint ? KvEventsConfig.To(endpoint, ZmqReplayEndpoint, ZmqReplayBatches, $"kv@{PodAddress}:{Port.Value}@{Model.Value}")
        : KvEventsConfig.Read(KvEventsJson, out var config) is null ? config
        : KvEventsConfig.Off;

    private static string PodAddress => Environment.GetEnvironmentVariable("POD_IP") is { Length: > 0 } address ? address : "127.0.0.1";

    /// <summary>What <see cref="KvTransferJson"/> says; null without a connector.</summary>
    internal KvTransferConfig? KvTransfer => KvTransferConfig.Read(KvTransferJson, out var config) is null ? config : null;

    protected override bool AcceptUnknown(string name) => MeaninglessFlags.Contains(name);

    protected override IEnumerable<string> FindMistakes()
    {
        if (Port > 0 && Port + Instances - 1 > 65535)
        {
            yield return $"--instances is {Instances.Value}; from port {Port.Value} up there are only {65536 - Port} ports, so begin lower with --port.";
        }

        foreach (var mistake in FindApiMistakes())
        {
            yield return mistake;
        }

        if (ZmqEndpoint.IsGiven && KvEventsJson.IsGiven)
        {
            yield return "--zmq-endpoint and --kv-events-config both say where events go; leave one of them out.";
        }

        if (ZmqReplayEndpoint.IsGiven && !ZmqEndpoint.IsGiven)
        {
            yield return "--kv-events-replay-endpoint goes with --zmq-endpoint; add that, or give replay_endpoint in --kv-events-config.";
        }

        var events = KvEvents;
        if (events.IsOn && EventAddress.FindCollision(events, Instances * DataParallelSize, Port, Instances) is { } collision)
        {
            yield return $"{events.Flag} {collision}.";
        }

        foreach (var mistake in FindHardwareMistakes().Concat(FindLatencyMistakes()))
        {
            yield return mistake;
        }
    }

    private static string? AtLeastOne(int value) => value < 1 ? "must be at least 1" : null;

    private static string? AtLeastOneIfGiven(int? value) => value < 1 ? "must be at least 1" : null;
}
