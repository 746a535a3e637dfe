namespace LlmdAspire.Epp.ExtProc;

/// <summary>The headers that the picker reads, sets and removes.</summary>
internal static class HeaderNames
{
    public const string Destination = "x-gateway-destination-endpoint";
    public const string Scores = "x-gateway-destination-endpoint-scores";
    public const string DroppedReason = "x-llm-d-request-dropped-reason";
    public const string RequestId = "x-request-id";
    public const string Rank = "x-data-parallel-rank";
    public const string RankHostPort = "x-data-parallel-host-port";
    public const string Prefiller = "x-prefiller-host-port";
    public const string PrefillerRank = "x-prefiller-data-parallel-rank";
    public const string Encoders = "x-encoder-hosts-ports";
    public const string TraceParent = "traceparent";
    public const string TraceState = "tracestate";

    /// <summary>What a client must not set: these name hosts and ranks. Each is removed unless the pick sets it, or clients are trusted.</summary>
    public static readonly string[] NotForClients = [Rank, Prefiller, PrefillerRank, Encoders, RankHostPort, "x-kv-cache-source-host-port"];

    // Meant for the picker alone, or written by it.
    private static readonly HashSet<string> s_systemOwned = new(StringComparer.Ordinal)
    {
        "x-llm-d-inference-fairness-id", "x-gateway-inference-fairness-id",
        "x-llm-d-inference-objective", "x-gateway-inference-objective",
        "x-llm-d-model-name-rewrite", "x-gateway-model-name-rewrite",
        "x-gateway-destination-endpoint-subset",
        "x-llm-d-slo-ttft-ms", "x-llm-d-slo-tpot-ms", "x-slo-ttft-ms", "x-slo-tpot-ms",
        "x-llm-d-video-fps", "x-llm-d-video-duration-seconds", "x-llm-d-video-resolution",
        Destination, "x-gateway-destination-endpoint-served", DroppedReason,
        "content-length",
    };

    /// <summary>Whether a header is handed on by name; Envoy's own (<c>:path</c> and the like) are not the picker's to set.</summary>
    public static bool IsEchoed(string name) => !name.StartsWith(':') && !s_systemOwned.Contains(name) && Array.IndexOf(NotForClients, name) < 0;
}
