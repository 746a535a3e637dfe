using System.Collections.Frozen;

namespace LlmdAspire.Simulator.CommandLine;

/// <summary>Flags of real engines that change nothing here, so that a real command line works unchanged. Any other unknown flag is refused.</summary>
internal static class MeaninglessFlags
{
    private static readonly FrozenSet<string> s_names = FrozenSet.Create(
        StringComparer.Ordinal,
        "pipeline-parallel-size", "pp", "data-parallel-address", "dpa", "data-parallel-rpc-port", "dpp", "data-parallel-backend",
        "dpb", "enable-expert-parallel", "ep", "api-server-count", "distributed-executor-backend", "max-num-partial-prefills",
        "swap-space", "cpu-offload-gb", "kv-cache-memory-bytes", "load-format", "download-dir", "revision", "tokenizer-mode", "tokenizer-revision", "trust-remote-code", "hf-token",
        "hf-overrides", "enforce-eager", "compilation-config", "cudagraph-capture-sizes", "async-scheduling", "scheduling-policy",
        "chat-template", "chat-template-content-format", "trust-request-chat-template", "response-role", "tool-call-parser",
        "reasoning-parser", "max-lora-rank", "lora-dtype", "lora-extra-vocab-size", "fully-sharded-loras", "no-enable-sleep-mode", "structured-outputs-config", "speculative-config", "limit-mm-per-prompt",
        "mm-processor-kwargs", "max-seq-len-to-capture", "disable-log-requests", "disable-log-stats", "enable-log-requests", "enable-log-outputs",
        "disable-uvicorn-access-log", "uvicorn-log-level", "disable-fastapi-docs", "disable-frontend-multiprocessing", "max-log-len", "otlp-traces-endpoint",
        "collect-detailed-traces", "allowed-origins", "allowed-methods", "allowed-headers", "allow-credentials", "root-path",
        "log-http", "enable-kvcache", "ec-transfer-config");

    public static bool Contains(string option) => s_names.Contains(option.TrimStart('-').Replace('_', '-'));
}
