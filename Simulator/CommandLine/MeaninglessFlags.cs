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
        // Whether the ranks are reached through this process or past it: here they always are through it.
        "data-parallel-size-local", "dpl", "data-parallel-hybrid-lb", "dph", "data-parallel-external-lb", "dpe", "data-parallel-multi-port-external-lb", "dpm",
        "nnodes", "node-rank", "master-addr", "master-port", "numa-bind", "decode-context-parallel-size", "dcp", "enable-eplb", "eplb-config", "all2all-backend",
        "kv-offloading-size", "kv-offloading-backend", "disable-hybrid-kv-cache-manager", "kv-cache-metrics", "kv-sharing-fast-prefill",
        "default-chat-template-kwargs", "exclude-tools-when-tool-choice-none", "enable-tokenizer-info-endpoint", "return-tokens-as-token-ids", "skip-tokenizer-init",
        "task", "runner", "convert", "attention-backend", "disable-custom-all-reduce", "stream-interval", "ssl-ca-certs", "middleware", "guided-decoding-backend",
        "num-scheduler-steps", "preemption-mode", "language-model-only", "no-enable-log-requests", "logits-processors", "optimization-level", "O",
        "O0", "O1", "O2", "O3", "safetensors-load-strategy", "max-cudagraph-capture-size", "shutdown-timeout",
        // Of llm-d's simulator: where it asks for tokens, how it groups and writes events, how it invents the arguments of tools.
        "render-url", "render-timeout", "mm-render-timeout", "force-dummy-tokenizer", "event-batch-size", "use-vllm-map-event-format",
        "max-tool-call-integer-param", "min-tool-call-integer-param", "max-tool-call-number-param", "min-tool-call-number-param",
        "max-tool-call-array-param-length", "min-tool-call-array-param-length", "tool-call-not-required-param-probability",
        "object-tool-call-not-required-field-probability", "tool-call-extra-call-probability", "skip-tool-validation",
        "log-http", "enable-kvcache", "ec-transfer-config");

    public static bool Contains(string option) => s_names.Contains(option.TrimStart('-').Replace('_', '-'));
}
