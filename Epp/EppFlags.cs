using LlmdAspire.Epp.Kubernetes;
using LlmdAspire.Epp.Scraping;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Protocols.Kubernetes;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.KvIndex;

namespace LlmdAspire.Epp;

/// <summary>The picker's command line: llm-d's spellings and defaults, and what this picker adds.</summary>
internal sealed partial class EppFlags : ServiceFlags
{
    // Logging and profiling switches of the picker that this one replaces; and flags that its configuration has taken over.
    private static readonly HashSet<string> s_ignored =
    [
        "-v", "--v", "--tracing", "--enable-pprof", "--enable-grpc-stream-metrics", "--health-checking", "--allow-experimental-plugins", "--refresh-prometheus-metrics-interval",
        "--total-queued-requests-metric", "--total-running-requests-metric", "--kv-cache-usage-percentage-metric", "--lora-info-metric", "--cache-info-metric",
    ];

    public EppFlags()
        : base("epp", "Endpoint picker: tells Envoy, over ext_proc, which engine serves a request.", 9090, "metrics-port")
    {
        GrpcPort = DefinePort("grpc-port", 9002, "Port of the ext_proc service.");
        GrpcHealthPort = DefinePort("grpc-health-port", 9003, "Port of the gRPC health service, always without TLS.");
        SecureServing = Define("secure-serving", true, "TLS on the ext_proc port, with a certificate of its own unless --cert-path gives one.");
        CertPath = Define<string?>("cert-path", null, "Folder with tls.crt and tls.key.");
        GrpcMaxRecvMsgSize = AtLeast("grpc-max-recv-msg-size", 4 * 1024 * 1024, 1024, "Largest ext_proc message in bytes.");
        GrpcMaxSendMsgSize = AtLeast("grpc-max-send-msg-size", int.MaxValue, 1024, "Largest ext_proc answer in bytes.");

        PoolName = DefineName("pool-name", "InferencePool whose pods are the engines.");
        PoolNamespace = DefineName("pool-namespace", "Namespace of pool and pods; default: the variable NAMESPACE, else default.");
        PoolGroup = Define("pool-group", InferencePools.Group, $"API group of the pool; {InferencePools.AlphaGroup} for v1alpha2.");
        Check(PoolGroup, value => value is InferencePools.Group or InferencePools.AlphaGroup ? null : $"must be {InferencePools.Group} or {InferencePools.AlphaGroup}");
        EndpointSelector = Define<string?>("endpoint-selector", null, "Labels of the pods that are the engines, without a pool: app=vllm,env=prod.");
        EndpointTargetPorts = Define<string[]>("endpoint-target-ports", [], "Ports of those pods, 1 to 8, separated by commas; of several, each is that of a rank.");
        ApiServer = Define<Uri?>("api-server", null, "Base URL of the API server, such as http://127.0.0.1:8001 of kubectl proxy; default: that of the cluster this runs in.");
        Check(ApiServer, value => value is null || (value.Scheme is "http" or "https" && value.PathAndQuery == "/") ? null : "must be http://HOST:PORT or https://HOST:PORT");
        ServiceAccountFolder = Define("service-account-folder", ServiceAccount.DefaultFolder, "Folder with the token and ca.crt for the API server.");
        Endpoints = Define<string[]>("endpoints", [], "Engines: URL, URL@RANK or URL@0..7, each with ;label=value as often as needed; separated by commas.");
        EndpointsFile = Define<string?>("endpoints-file", null, "YAML list of url, labels and ranks; read again when it changes.");
        ConfigFilePath = Define<string?>("config-file", null, "EndpointPickerConfig; read again when it changes. Default: queue 2, KV utilisation 2, prefix 3.");
        ConfigText = Define<string?>("config-text", null, "EndpointPickerConfig as text.");

        ObjectivesFile = Define<string?>("objectives-file", null, "YAML of InferenceObjectives, where no pool has them; read again when it changes.");

        KvIndexer = Define<Uri?>("kv-indexer", null, "Base URL of the KvIndexer, which then answers for prefix matches.");
        KvIndexerDeadline = DefineDuration("kv-indexer-deadline", TimeSpan.FromMilliseconds(2), "Longest wait for it when the prompt is token ids.");
        KvIndexerTokenizeDeadline = DefineDuration("kv-indexer-tokenize-deadline", TimeSpan.FromMilliseconds(50), "Longest wait when it has to tokenise; 1 ms more per 2 KiB of prompt.");

        RefreshMetricsInterval = DefineDuration("refresh-metrics-interval", TimeSpan.FromMilliseconds(50), "Time between scrapes of an engine whose numbers change; at least 50ms.");
        Check(RefreshMetricsInterval, value => value < TimeSpan.FromMilliseconds(50) ? "must be at least 50ms" : null);
        MetricsStalenessThreshold = DefineDuration("metrics-staleness-threshold", TimeSpan.FromSeconds(2), "Older numbers say nothing; engines are asked twice in this time while requests flow.");
        Check(MetricsStalenessThreshold, value => value < TimeSpan.FromMilliseconds(100) ? "must be at least 100ms" : null);

        RequestBodyMode = Define("request-body-mode", "full-duplex", "How Envoy passes bodies when it does not say so itself: full-duplex or buffered.");
        Check(RequestBodyMode, value => value is "full-duplex" or "buffered" ? null : "must be full-duplex or buffered");
        EmitEndpointScores = Define("emit-endpoint-scores", false, "Adds each candidate's score to the metadata of the answer.");
        DisableEndpointSubsetFilter = Define("disable-endpoint-subset-filter", false, "Ignores the gateway's subset hint.");
        TrustClientKvParams = Define("trust-client-kv-params", false, "Clients may say where KV blocks are: kv_transfer_params and rank, prefiller and encoder headers pass.");
        MaxPayloadSize = Define("max-payload-size", 64L * 1024 * 1024, "Largest request body in bytes; larger ones get 413.");
        Check(MaxPayloadSize, value => value is < 1 or > 1 << 30 ? "must be from 1 to 1073741824" : null);
        MaxBufferedBytes = Define("max-buffered-bytes", 1L << 30, "Bytes of request bodies held at the same time; beyond it requests get 429.");
        Check(MaxBufferedBytes, value => value < 4096 ? "must be at least 4096" : null);

        Check(Define("ha-enable-leader-election", false, ""), on => on ? "is not supported yet; run one replica without it" : null);
        Check(Define("metrics-endpoint-auth", false, ""), on => on ? "is not supported yet; set it to false" : null);
        Check(Define("enable-cert-reload", false, ""), on => on ? "is not supported yet; restart to take up a new certificate" : null);
    }

    public Flag<int> GrpcPort { get; }

    public Flag<int> GrpcHealthPort { get; }

    public Flag<bool> SecureServing { get; }

    public Flag<string?> CertPath { get; }

    public Flag<int> GrpcMaxRecvMsgSize { get; }

    public Flag<int> GrpcMaxSendMsgSize { get; }

    public Flag<string?> ConfigFilePath { get; }

    public Flag<string?> ConfigText { get; }

    public Flag<string?> ObjectivesFile { get; }

    public Flag<Uri?> KvIndexer { get; }

    public Flag<TimeSpan> KvIndexerDeadline { get; }

    public Flag<TimeSpan> KvIndexerTokenizeDeadline { get; }

    public Flag<TimeSpan> RefreshMetricsInterval { get; }

    public Flag<TimeSpan> MetricsStalenessThreshold { get; }

    public Flag<string> RequestBodyMode { get; }

    public Flag<bool> EmitEndpointScores { get; }

    public Flag<bool> DisableEndpointSubsetFilter { get; }

    public Flag<bool> TrustClientKvParams { get; }

    public Flag<long> MaxPayloadSize { get; }

    public Flag<long> MaxBufferedBytes { get; }

    public ScrapePace Pace => new(RefreshMetricsInterval, MetricsStalenessThreshold);

    public LookupDeadlines Deadlines => new(KvIndexerDeadline, KvIndexerTokenizeDeadline);

    public BodySendMode DefaultBodyMode => RequestBodyMode.Value == "buffered" ? BodySendMode.Buffered : BodySendMode.FullDuplexStreamed;

    protected override bool AcceptUnknown(string name) => s_ignored.Contains(name) || name.StartsWith("--zap-", StringComparison.Ordinal);

    protected override IEnumerable<string> FindMistakes()
    {
        if (ConfigFilePath.IsGiven && ConfigText.IsGiven)
        {
            yield return "--config-file and --config-text exclude each other; give one of them.";
        }

        if (ObjectivesFile.IsGiven && PoolName.IsGiven)
        {
            yield return "--objectives-file and --pool-name exclude each other: a pool's objectives are in the cluster; give one of them.";
        }

        foreach (var mistake in FindSourceMistakes())
        {
            yield return mistake;
        }
    }

    private Flag<int> AtLeast(string name, int defaultValue, int least, string help)
    {
        var flag = Define(name, defaultValue, help);
        Check(flag, value => value < least ? $"must be at least {least}" : null);
        return flag;
    }
}
