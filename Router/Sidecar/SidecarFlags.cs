using LlmdAspire.Router.Forwarding;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Router.Sidecar;

/// <summary>The command line of <c>--mode sidecar</c>: the spellings of llm-d's routing proxy, old and new.</summary>
internal sealed partial class SidecarFlags : ServiceFlags
{
    // What they change there, Go's logging and connection pool, is done otherwise here.
    private static readonly string[] s_ignored = ["-v", "--v", "--tracing", "--max-idle-conns-per-host"];

    private static readonly string[] s_stages = ["prefiller", "decoder"];

    public SidecarFlags()
        : base("router", "Routing proxy of a decode pod: has prompts computed where the picker said, and its own engine generate.", 8000)
    {
        Mode = Define(ModeFlag.Name, ModeFlag.Sidecar, ModeFlag.Help);
        Check(Mode, ModeFlag.FindMistake);
        VllmPort = DefinePort("vllm-port", 8200, "Port of the engine of this pod.", "model-server-port");
        Check(VllmPort, port => port == 0 ? "must be a port from 1 to 65535" : null);
        KvConnector = Define("kv-connector", "nixlv2", "How engines hand KV blocks over: nixlv2.", "connector");
        Check(KvConnector, value => value switch
        {
            "nixlv2" or "nixl" => null,
            "shared-storage" or "sglang" or "mooncake" or "offloading" or "moriio" or "lmcache" => "is not supported yet; use nixlv2",
            _ => "must be nixlv2",
        });
        DataParallelSize = Define("data-parallel-size", 1, "Data-parallel ranks of the engine; each has a port here, --port and up.");
        Check(DataParallelSize, value => value is < 1 or > 1024 ? "must be from 1 to 1024" : null);
        VllmRankPorts = Define("vllm-rank-ports", false, "Each rank of the engine has a port of its own, --vllm-port and up; without this one port serves all ranks.");
        EnablePrefillerSampling = Define("enable-prefiller-sampling", false, "Begin with any of the prefill engines named, not with the first.");
        PrefillMaxRetries = Define("prefill-max-retries", 1, "Further attempts of a leg that failed; the next prefill engine named, then the same again.");
        Check(PrefillMaxRetries, value => value is < 0 or > 100 ? "must be from 0 to 100" : null);
        PrefillRetryBackoff = DefineDuration("prefill-retry-backoff", TimeSpan.FromMilliseconds(200), "Wait between attempts.");
        EnableSsrfProtection = Define("enable-ssrf-protection", false, "Have prompts computed only by --allowed-prefillers; others get 403.");
        AllowedPrefillers = Define<string[]>("allowed-prefillers", [], "Prefill engines that may be named: addresses, networks such as 10.0.0.0/8, or host names, each perhaps with :PORT.");
        TrustClientKvParams = Define("trust-client-kv-params", false, "Requests may say where KV blocks are: kv_transfer_params in bodies pass to the engine.");
        EnableTls = Define<string[]>("enable-tls", [], "Engines that speak TLS: prefiller, decoder.");
        Check(EnableTls, FindWrongStage);
        TlsInsecureSkipVerify = Define<string[]>("tls-insecure-skip-verify", [], "Engines whose certificate is not checked: prefiller, decoder.");
        Check(TlsInsecureSkipVerify, FindWrongStage);
        SecureProxy = Define("secure-proxy", false, "TLS on --port; only false is supported, a mesh or gateway can encrypt.", "secure-serving");
        Check(SecureProxy, value => value ? "is not supported yet; give false and leave encryption to a mesh" : null);

        MaxPayloadSize = Define("max-payload-size", 536870912L, "Largest request body in bytes; larger ones get 413.");
        Check(MaxPayloadSize, value => value < 1 ? "must be at least 1" : null);
        MaxBufferedBytes = Define("max-buffered-bytes", 1L << 30, "Bytes of request bodies held at the same time, those of requests in two stages; beyond it they get 429.");
        Check(MaxBufferedBytes, value => value < 4096 ? "must be at least 4096" : null);
        RequestTimeoutSecs = Define("request-timeout-secs", 1800, "Longest silence of the engine, and longest time for a request in two stages.");
        Check(RequestTimeoutSecs, value => value < 1 ? "must be at least 1" : null);
        PrometheusPort = DefinePort("prometheus-port", 0, "Port of the sidecar's own /metrics; 0 for none. On --port they are the engine's.", "metrics-port");
        PrometheusHost = Define("prometheus-host", "127.0.0.1", "Address of the metrics port.");
    }

    public Flag<string> Mode { get; }

    public Flag<int> VllmPort { get; }

    public Flag<string> KvConnector { get; }

    public Flag<int> DataParallelSize { get; }

    public Flag<bool> VllmRankPorts { get; }

    public Flag<bool> EnablePrefillerSampling { get; }

    public Flag<int> PrefillMaxRetries { get; }

    public Flag<TimeSpan> PrefillRetryBackoff { get; }

    public Flag<bool> EnableSsrfProtection { get; }

    public Flag<string[]> AllowedPrefillers { get; }

    public Flag<bool> TrustClientKvParams { get; }

    public Flag<string[]> EnableTls { get; }

    public Flag<string[]> TlsInsecureSkipVerify { get; }

    public Flag<bool> SecureProxy { get; }

    public Flag<long> MaxPayloadSize { get; }

    public Flag<long> MaxBufferedBytes { get; }

    public Flag<int> RequestTimeoutSecs { get; }

    public Flag<int> PrometheusPort { get; }

    public Flag<string> PrometheusHost { get; }

    /// <summary>Ports of ranks 1 and up; none where <c>--port 0</c> takes whatever is free.</summary>
    public IEnumerable<int> RankPorts => Port == 0 ? [] : Enumerable.Range(Port + 1, DataParallelSize - 1);

    public LocalEngine Engine => new(Speaks(EnableTls, "decoder") ? "https" : "http", VllmPort, DataParallelSize, VllmRankPorts);

    /// <summary>Null where any host may be named.</summary>
    public PrefillerAllowList? AllowList => EnableSsrfProtection ? PrefillerAllowList.Of(AllowedPrefillers.Value) : null;

    public bool PrefillersSpeakTls => Speaks(EnableTls, "prefiller");

    public bool TrustsAnyEngine => Speaks(TlsInsecureSkipVerify, "decoder");

    public bool TrustsAnyPrefiller => Speaks(TlsInsecureSkipVerify, "prefiller");

    public RetryOptions Retry => new()
    {
        MaxAttempts = 1 + PrefillMaxRetries,
        InitialBackoff = PrefillRetryBackoff,
        Multiplier = 1,
        MaxBackoff = PrefillRetryBackoff,
    };

    public ForwardingOptions Forwarding => new()
    {
        HideEndpoint = true,
        RequestTimeout = TimeSpan.FromSeconds(RequestTimeoutSecs),
        TrustClientKvParams = TrustClientKvParams,
    };

    protected override IEnumerable<string> FindMistakes()
    {
        if (Mode != ModeFlag.Sidecar)
        {
            yield return "--mode is 'router'; these flags are those of --mode sidecar.";
        }

        foreach (var entry in AllowedPrefillers.Value)
        {
            if (PrefillerAllowList.FindMistake(entry) is { } mistake)
            {
                yield return $"--allowed-prefillers: '{entry}' {mistake}.";
            }
        }

        if (EnableSsrfProtection && AllowedPrefillers.Value.Length == 0)
        {
            yield return "--enable-ssrf-protection needs the hosts that may be named; give --allowed-prefillers HOST or NETWORK.";
        }

        if (!EnableSsrfProtection && AllowedPrefillers.Value.Length > 0)
        {
            yield return "--allowed-prefillers is a list for --enable-ssrf-protection; add that.";
        }

        var last = DataParallelSize - 1;
        if (Port + last > 65535)
        {
            yield return $"--data-parallel-size is {DataParallelSize.Value}; from port {Port.Value} up there are only {65536 - Port} ports, so begin lower with --port.";
        }

        if (VllmRankPorts && VllmPort + last > 65535)
        {
            yield return $"--data-parallel-size is {DataParallelSize.Value}; from port {VllmPort.Value} up the engine has only {65536 - VllmPort} ports, so begin lower with --vllm-port.";
        }

        if (Port != 0 && VllmPort <= Port + last && Port <= VllmPort + (VllmRankPorts ? last : 0))
        {
            yield return $"--vllm-port is {VllmPort.Value}; the ports of the ranks here, {Port.Value} to {Port + last}, must not meet those of the engine, so choose another.";
        }

        if (PrometheusPort != 0 && IsTaken(PrometheusPort))
        {
            yield return $"--prometheus-port is {PrometheusPort.Value}, a port of the ranks here or of the engine; choose another, or 0 for none.";
        }
    }

    private bool IsTaken(int port) =>
        (Port != 0 && port >= Port && port <= Port + DataParallelSize - 1) || (port >= VllmPort && port <= VllmPort + (VllmRankPorts ? DataParallelSize - 1 : 0));

    protected override bool AcceptUnknown(string name) => s_ignored.Contains(name) || name.StartsWith("--zap-", StringComparison.Ordinal);

    private static bool Speaks(Flag<string[]> stages, string stage) => Stages(stages.Value).Contains(stage);

    // The proxy that is replaced takes several values with commas too.
    private static IEnumerable<string> Stages(string[] values) =>
        values.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static string? FindWrongStage(string[] values)
    {
        var wrong = Stages(values).Except(s_stages).ToList();
        return wrong switch
        {
            [] => null,
            ["encoder"] => "names encoder, which is not supported yet; prefiller and decoder are",
            _ => "must be prefiller, decoder or both",
        };
    }
}
