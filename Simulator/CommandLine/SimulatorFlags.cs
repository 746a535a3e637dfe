using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Simulator.CommandLine;

/// <summary>The simulator's flags, in vLLM's and llm-d-inference-sim's spellings.</summary>
public sealed class SimulatorFlags : ServiceFlags
{
    public const string RandomMode = "random";
    public const string EchoMode = "echo";

    private static readonly TimeSpan s_millisecond = TimeSpan.FromMilliseconds(1);

    private static readonly (string Flag, string Feature)[] s_notYet =
    [
        ("kv-events-config", "KV events"), ("kv-transfer-config", "KV transfer"), ("kv-cache-transfer-latency", "KV transfer"),
        ("kv-cache-transfer-time-per-token", "KV transfer"), ("lora-modules", "LoRA adapters"), ("max-loras", "LoRA adapters"),
        ("max-cpu-loras", "LoRA adapters"), ("enable-lora", "LoRA adapters"), ("fake-metrics", "fake metrics"), ("profile", "hardware profiles"),
        ("data-parallel-rank", "ranks"), ("enable-sleep-mode", "sleep"), ("ssl-certfile", "TLS"), ("ssl-keyfile", "TLS"), ("self-signed-certs", "TLS"),
    ];

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

        Tokenizer = Define("tokenizer", "builtin", "builtin is the only tokenizer there is.");
        DataParallelSize = Define("data-parallel-size", 1, "1 is the only size there is.", "dp");

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
        Check(Tokenizer, name => name == "builtin" ? null : "must be builtin; tokenizer files are not supported yet");
        Check(DataParallelSize, size => size == 1 ? null : "must be 1; ranks are not supported yet, so start more engines with --instances");
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

    public Flag<int> DataParallelSize { get; }

    protected override bool AcceptUnknown(string name) => MeaninglessFlags.Contains(name);

    protected override IEnumerable<string> FindMistakes()
    {
        if (Port > 0 && Port + Instances - 1 > 65535)
        {
            yield return $"--instances is {Instances.Value}; from port {Port.Value} up there are only {65536 - Port} ports, so begin lower with --port.";
        }
    }

    private static string? AtLeastOne(int value) => value < 1 ? "must be at least 1" : null;
}
