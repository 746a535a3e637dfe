using LlmdAspire.ServiceDefaults;
using LlmdAspire.Simulator.FakeMetrics;
using LlmdAspire.Simulator.Lora;

namespace LlmdAspire.Simulator.CommandLine;

/// <summary>The flags of what the HTTP interface offers: adapters, sleep, tools, limits, invented metrics, TLS.</summary>
public sealed partial class SimulatorFlags
{
    public Flag<bool> EnableLora { get; private set; } = null!;

    public Flag<string[]> LoraModules { get; private set; } = null!;

    public Flag<int> MaxLoras { get; private set; } = null!;

    public Flag<int?> MaxCpuLoras { get; private set; } = null!;

    public Flag<bool> EnableSleepMode { get; private set; } = null!;

    public Flag<bool> EnableAutoToolChoice { get; private set; } = null!;

    public Flag<int> MaxLogprobs { get; private set; } = null!;

    public Flag<int> EmbeddingDimensions { get; private set; } = null!;

    public Flag<int> MaxWaitingQueueLength { get; private set; } = null!;

    public Flag<double> CacheHitThreshold { get; private set; } = null!;

    public Flag<int> FailureAfterTokens { get; private set; } = null!;

    public Flag<string?> FakeMetricsJson { get; private set; } = null!;

    public Flag<TimeSpan> FakeMetricsRefreshInterval { get; private set; } = null!;

    public Flag<string> GenerationConfigFolder { get; private set; } = null!;

    public Flag<string?> OverrideGenerationConfig { get; private set; } = null!;

    public Flag<string?> CertificateFile { get; private set; } = null!;

    public Flag<string?> CertificateKeyFile { get; private set; } = null!;

    public Flag<bool> SelfSignedCertificate { get; private set; } = null!;

    /// <summary>Bound of every answer's length that the generation configuration sets; null for none.</summary>
    internal int? MostNewTokens =>
        GenerationConfig.Read(GenerationConfigFolder, OverrideGenerationConfig, out var most) is null ? most : null;

    internal bool UsesTls => CertificateFile.Value is not null || SelfSignedCertificate;

    private void DefineApi()
    {
        EnableLora = Define("enable-lora", false, "Whether adapters can be loaded; --lora-modules turns it on too.");
        LoraModules = Define<string[]>("lora-modules", [], "Adapters to begin with: name=path, or JSON with name, path and base_model_name.");
        MaxLoras = Define("max-loras", 1, "Different adapters whose requests run at the same time; others wait.");
        MaxCpuLoras = Define<int?>("max-cpu-loras", null, "Adapters kept in memory; at least --max-loras. Changes nothing here, as loading takes no time.");
        EnableSleepMode = Define("enable-sleep-mode", false, "Whether POST /sleep works, which also needs VLLM_SERVER_DEV_MODE=1.");
        EnableAutoToolChoice = Define("enable-auto-tool-choice", true, "Whether tool_choice auto is allowed; vLLM refuses it unless it was given this flag.");
        MaxLogprobs = Define("max-logprobs", 20, "Likeliest tokens that a request may ask for; -1 for all.");
        EmbeddingDimensions = Define("default-embedding-dimensions", 384, "Numbers in an embedding where the request does not say.");
        MaxWaitingQueueLength = Define("max-waiting-queue-length", 0, "Sequences that may wait on a rank before requests get 429; 0 for any number, as in vLLM (llm-d's simulator: 1000).");
        CacheHitThreshold = Define("global-cache-hit-threshold", 0.0, "Share of a prompt that must be cached for a request to run; others end with cache_threshold.");
        FailureAfterTokens = Define("failure-after-tokens", 1, "Tokens of an answer that come out before an injected stall, reset or crash.");
        FakeMetricsJson = Define<string?>("fake-metrics", null, "JSON of metrics to tell instead of the engine's own.");
        FakeMetricsRefreshInterval = DefineDuration("fake-metrics-refresh-interval", TimeSpan.FromMilliseconds(100), "How often functions in --fake-metrics move on.", s_millisecond);
        GenerationConfigFolder = Define("generation-config", "auto", "auto, vllm, or a folder with generation_config.json; its max_new_tokens bounds every answer.");
        OverrideGenerationConfig = Define<string?>("override-generation-config", null, "JSON that comes before the file; max_new_tokens is what counts here.");
        CertificateFile = Define<string?>("ssl-certfile", null, "PEM certificate, for HTTPS; with --ssl-keyfile.");
        CertificateKeyFile = Define<string?>("ssl-keyfile", null, "PEM key of --ssl-certfile.");
        SelfSignedCertificate = Define("self-signed-certs", false, "Whether to serve HTTPS with a certificate made at start.");

        Check(LoraModules, modules => modules.Select(text => LoraModule.Read(text, out _)).FirstOrDefault(mistake => mistake is not null));
        Check(MaxLoras, AtLeastOne);
        Check(MaxLogprobs, most => most < -1 ? "must be at least 0, or -1 for all" : null);
        Check(EmbeddingDimensions, size => size is >= 1 and <= 65536 ? null : "must be from 1 to 65536");
        Check(MaxWaitingQueueLength, length => length < 0 ? "must be at least 0" : null);
        Check(CacheHitThreshold, share => share is >= 0 and <= 1 ? null : "must be from 0 to 1");
        Check(FailureAfterTokens, tokens => tokens < 0 ? "must be at least 0" : null);
        Check(FakeMetricsJson, text => text is null ? null : FakeMetricsMistake(text));
        Check(OverrideGenerationConfig, text => GenerationConfig.Read("vllm", text, out _));
        Check(GenerationConfigFolder, folder => GenerationConfig.Read(folder, null, out _));
    }

    private IEnumerable<string> FindApiMistakes()
    {
        if (MaxCpuLoras.Value < MaxLoras)
        {
            yield return $"--max-cpu-loras is {MaxCpuLoras.Value}; it must be at least --max-loras, which is {MaxLoras.Value}.";
        }

        if (CertificateFile.Value is null != CertificateKeyFile.Value is null)
        {
            yield return "--ssl-certfile and --ssl-keyfile go together; give both.";
        }

        if (UsesTls && KvTransfer is not null)
        {
            yield return "--kv-transfer-config cannot be used with TLS, as engines talk to each other over plain HTTP; leave --ssl-certfile and --self-signed-certs out.";
        }
    }

    private static string? FakeMetricsMistake(string text)
    {
        try
        {
            using var document = System.Text.Json.JsonDocument.Parse(text);
            return FakeMetricSet.Read(document.RootElement, before: null, out _);
        }
        catch (System.Text.Json.JsonException e)
        {
            return $"cannot be read: {e.Message.Split('\n')[0].TrimEnd('.')}";
        }
    }
}
