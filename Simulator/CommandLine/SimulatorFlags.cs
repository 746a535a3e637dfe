using LlmdAspire.Protocols.MessagePack.KvEvents;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.Blocks.EngineHashes;
using LlmdAspire.Serving.Tokens;
using LlmdAspire.Simulator.KvEvents;
using LlmdAspire.Simulator.KvTransfer;

namespace LlmdAspire.Simulator.CommandLine;

/// <summary>The simulator's flags, in vLLM's and llm-d-inference-sim's spellings.</summary>
public sealed class SimulatorFlags : ServiceFlags
{
    public const string RandomMode = "random";
    public const string EchoMode = "echo";

    private static readonly TimeSpan s_millisecond = TimeSpan.FromMilliseconds(1);

    private const string Sha256 = "sha256";
    private const string Sha256Cbor = "sha256_cbor";

    private static readonly (string Flag, string Feature)[] s_notYet =
    [
        ("lora-modules", "LoRA adapters"), ("max-loras", "LoRA adapters"),
        ("max-cpu-loras", "LoRA adapters"), ("enable-lora", "LoRA adapters"), ("fake-metrics", "fake metrics"), ("profile", "hardware profiles"),
        ("data-parallel-rank", "ranks"), ("enable-sleep-mode", "sleep"), ("ssl-certfile", "TLS"), ("ssl-keyfile", "TLS"), ("self-signed-certs", "TLS"),
    ];

    private ITokenizer? _tokenizer;

    public SimulatorFlags()
        : base("simulator", "A vLLM engine without a GPU: vLLM's HTTP interface over a timing model.", 8000)
    {
        Model = Define("model", "meta-llama/Llama-3.1-8B-Instruct", "Model to serve; its name also enters the generated text.");
        ServedModelNames = Define<string[]>("served-model-name", [], "Names that requests may use instead of the model's own; the first one stands in answers.");
        MaxModelLength = Define("max-model-len", 131072, "Prompt and generated tokens of a request together.");
        MaxSequences = Define("max-num-seqs", 256, "Sequences that run at the same time; the others wait.");
        BlockSize = Define("block-size", 16, "Tokens in a KV-cache block.");
        Blocks = Define("kv-cache-blocks", 16384, "KV-cache blocks.", "kv-cache-size");
        Seed = Define("seed", 0L, "Seed of the generated text.");
        Mode = Define("mode", RandomMode, "random: sentences that follow from seed, model and prompt; echo: the prompt or the last user message.");
        TimeToFirstToken = DefineDuration("time-to-first-token", TimeSpan.FromMilliseconds(50), "Prefill time of any prompt; 0 to let --prefill-time-per-token decide.", s_millisecond);
        PrefillTimePerToken = DefineDuration("prefill-time-per-token", TimeSpan.Zero, "Prefill time of one prompt token, used when --time-to-first-token is 0 or not given.", s_millisecond);
        InterTokenLatency = DefineDuration("inter-token-latency", TimeSpan.FromMilliseconds(8), "Time between two tokens of a sequence.", s_millisecond);
        TimeScale = Define("time-scale", 1.0, "How many times faster than real time to run.");
        Instances = Define("instances", 1, "Engines in this process, on as many ports from --port up.");
        ApiKeys = Define<string[]>("api-key", [], "Bearer key that paths under /v1 ask for; repeat for several. VLLM_API_KEY when absent.");
        EnableRequestIdHeaders = Define("enable-request-id-headers", false, "Whether answers carry X-Request-Id.");
        EnableServerLoadTracking = Define("enable-server-load-tracking", false, "Whether GET /load counts requests; 0 otherwise.");
        EnableForceIncludeUsage = Define("enable-force-include-usage", false, "Whether every stream tells its usage, asked for or not.");
        MaxBodyMegabytes = Define("max-request-body-size-mb", 4, "Largest request body in MiB; 4 hold a prompt of 128k tokens as text or as ids.");
        StartupDuration = DefineDuration("startup-duration", TimeSpan.Zero, "How long the engine pretends to load its model; requests get 503 meanwhile.");
        FailureRate = Define("failure-injection-rate", 0, "Share of requests that fail, in percent.");
        FailureTypes = Define<string[]>("failure-types", [], $"Kinds of injected failures: {string.Join(", ", Failures.FailureKind.Names)}; all when absent.");
        foreach (var (name, feature) in s_notYet)
        {
            // Known by name, so that nobody takes the feature for granted; without help, so that --help does not offer it.
            Check(Define<string[]>(name, [], ""), _ => $"needs {feature}, which the simulator does not have yet; leave it out");
        }

        Tokenizer = Define("tokenizer", Tokenizers.Builtin, "builtin, or the path of a tokenizer.json with a byte-level BPE.");
        DataParallelSize = Define("data-parallel-size", 1, "Data-parallel ranks behind the port; X-data-parallel-rank names one.", "dp");
        TensorParallelSize = Define("tensor-parallel-size", 1, "Told to engines that copy KV content; changes nothing else.", "tp");
        EnablePrefixCaching = Define("enable-prefix-caching", true, "Whether blocks of earlier requests are found again.");
        DisablePrefixCaching = Define("no-enable-prefix-caching", false, "The opposite of --enable-prefix-caching.");
        HashAlgorithmName = Define("prefix-caching-hash-algo", Sha256, "Hash of cached blocks: sha256 or sha256_cbor.");
        HashSeed = Define<string?>("hash-seed", null, "Seed of the block hashes; PYTHONHASHSEED when absent, and random without that.");
        EnablePromptTokensDetails = Define("enable-prompt-tokens-details", false, "Whether usage tells how many prompt tokens were cached.");
        KvEventsJson = Define("kv-events-config", "{}", "JSON with enable_kv_cache_events, publisher, endpoint, replay_endpoint, buffer_steps, hwm, topic.");
        KvEventsFormat = Define("kv-events-format", KvEventForm.Map, "Form of the events: map (vLLM 0.24 and later) or array.");
        KvTransferJson = Define("kv-transfer-config", "{}", "JSON with kv_connector, kv_role, engine_id, kv_load_failure_policy.");
        KvTransferLatency = DefineDuration("kv-cache-transfer-latency", TimeSpan.Zero, "Time to copy a prompt's KV content from a prefill engine; 0 to let its size decide.", s_millisecond);
        KvTransferTimePerToken = DefineDuration("kv-cache-transfer-time-per-token", TimeSpan.Zero, "The same for each token; 0 to let bytes and bandwidth decide.", s_millisecond);

        Check(MaxModelLength, AtLeastOne);
        Check(MaxSequences, AtLeastOne);
        Check(BlockSize, AtLeastOne);
        Check(Blocks, AtLeastOne);
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
        Check(HashAlgorithmName, name => name is Sha256 or Sha256Cbor ? null : $"must be {Sha256} or {Sha256Cbor}");
        Check(KvEventsJson, text => KvEventsConfig.Read(text, out _));
        Check(KvTransferJson, text => KvTransferConfig.Read(text, out _));
    }

    public Flag<string> Model { get; }

    public Flag<string[]> ServedModelNames { get; }

    public Flag<int> MaxModelLength { get; }

    public Flag<int> MaxSequences { get; }

    public Flag<int> BlockSize { get; }

    public Flag<int> Blocks { get; }

    public Flag<long> Seed { get; }

    public Flag<string> Mode { get; }

    public Flag<TimeSpan> TimeToFirstToken { get; }

    public Flag<TimeSpan> PrefillTimePerToken { get; }

    public Flag<TimeSpan> InterTokenLatency { get; }

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

    public Flag<KvEventForm> KvEventsFormat { get; }

    public Flag<string> KvTransferJson { get; }

    public Flag<TimeSpan> KvTransferLatency { get; }

    public Flag<TimeSpan> KvTransferTimePerToken { get; }

    internal EngineHashAlgorithm HashAlgorithm => HashAlgorithmName == Sha256 ? EngineHashAlgorithm.Sha256 : EngineHashAlgorithm.Sha256Cbor;

    internal bool CachesPrefixes => EnablePrefixCaching && !DisablePrefixCaching;

    /// <summary>What <see cref="KvEventsJson"/> says.</summary>
    internal KvEventsConfig KvEvents => KvEventsConfig.Read(KvEventsJson, out var config) is null ? config : KvEventsConfig.Off;

    /// <summary>What <see cref="KvTransferJson"/> says; null without a connector.</summary>
    internal KvTransferConfig? KvTransfer => KvTransferConfig.Read(KvTransferJson, out var config) is null ? config : null;

    protected override bool AcceptUnknown(string name) => MeaninglessFlags.Contains(name);

    protected override IEnumerable<string> FindMistakes()
    {
        if (Port > 0 && Port + Instances - 1 > 65535)
        {
            yield return $"--instances is {Instances.Value}; from port {Port.Value} up there are only {65536 - Port} ports, so begin lower with --port.";
        }

        var events = KvEvents;
        if (events.IsOn && EventAddress.FindCollision(events, Instances * DataParallelSize, Port, Instances) is { } collision)
        {
            yield return $"--kv-events-config {collision}.";
        }
    }

    private static string? AtLeastOne(int value) => value < 1 ? "must be at least 1" : null;
}
