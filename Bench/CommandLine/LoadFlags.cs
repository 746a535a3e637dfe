using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Bench.CommandLine;

/// <summary>The flags of <c>vllm bench serve</c>, in its spellings and with its defaults, and those of our own datasets.</summary>
internal abstract partial class LoadFlags : CommandFlags
{
    public const string ProgramName = "bench";

    public const string Linear = "linear";
    public const string Exponential = "exponential";
    public const string RoundRobin = "round-robin";

    // With the value that asks for nothing, where there is one: a script may pass it.
    private static readonly (string Name, string Feature, string? Nothing)[] s_notYet =
    [
        ("probe-request-rate", "probe requests", "0"), ("self-timed", "traces with times of their own", null), ("no-stream", "answers that are not streamed", null),
        ("use-beam-search", "answers by beam search", null), ("random-batch-size", "batches of prompts", "1"), ("chat-template-kwargs", "arguments of the chat template", "{}"),
    ];

    protected LoadFlags(string verb, string description)
        : base(ProgramName, description, verb)
    {
        Host = Define("host", "127.0.0.1", "Server under test.");
        Port = DefinePort("port", 8000, "Its port.");
        BaseUrl = Define<Uri?>("base-url", null, "Server under test as a URL, in place of --host and --port.");
        EndpointPath = Define<string?>("endpoint", null, $"Path of the requests; {Backend.CompletionsEndpoint}, or {Backend.ChatEndpoint} for {Backend.Chat}.");
        BackendName = Define("backend", Backend.Default, $"{string.Join(", ", Backend.All)}: the API to use; vllm and openai are the same.");
        Headers = Define<string[]>("header", [], "Headers of each request, KEY=VALUE.");
        Insecure = Define("insecure", false, "Accept any certificate.");
        Model = Define<string?>("model", null, "Model; the first of /v1/models when absent.");
        ServedModelName = Define<string?>("served-model-name", null, "Name that requests use for the model; --model when absent.");
        Tokenizer = Define("tokenizer", "builtin", "builtin, or the path of a tokenizer.json.");

        DatasetName = Define("dataset-name", "random", $"{string.Join(", ", DatasetFlags.Names)}.");
        DatasetPath = Define<string?>("dataset-path", null, "File of sharegpt (JSON) and custom (JSONL with a prompt a line).");
        NumPrompts = Define("num-prompts", 1000, "Requests to send.");
        Seed = Define("seed", 0L, "Seed of prompts, lengths, arrivals and adapters.");
        InputLength = Define<int?>("input-len", null, "Prompt tokens, for any dataset that takes a length.");
        OutputLength = Define<int?>("output-len", null, "Answer tokens, for any dataset.");
        DisableShuffle = Define("disable-shuffle", false, "Keep the order of the dataset.");
        NoOversample = Define("no-oversample", false, "Send fewer requests rather than repeating prompts of a file.");
        RandomInputLength = Define("random-input-len", 1024, "random: prompt tokens.");
        RandomOutputLength = Define("random-output-len", 128, "random: answer tokens.");
        RandomRangeRatio = Define("random-range-ratio", "0.0", "random and multi_turn: lengths vary by this share; a number, or {\"input\":...,\"output\":...}.");
        RandomPrefixLength = Define("random-prefix-len", 0, "random: tokens that all prompts begin with, besides their own.");
        PrefixRepetitionPrefixLength = Define("prefix-repetition-prefix-len", 256, "prefix_repetition: tokens of a prefix.");
        PrefixRepetitionSuffixLength = Define("prefix-repetition-suffix-len", 256, "prefix_repetition: tokens behind it.");
        PrefixRepetitionPrefixes = Define("prefix-repetition-num-prefixes", 10, "prefix_repetition: different prefixes.");
        PrefixRepetitionOutputLength = Define("prefix-repetition-output-len", 128, "prefix_repetition: answer tokens.");
        SharedPrefixGroups = Define("shared-prefix-num-groups", 10, "shared_prefix: groups, each with a system prompt.", "num-groups");
        SharedPrefixPromptsPerGroup = Define("shared-prefix-num-prompts-per-group", 10, "shared_prefix: questions of a group.", "num-prompts-per-group");
        SharedPrefixSystemPromptLength = Define("shared-prefix-system-prompt-len", 100, "shared_prefix: tokens of a system prompt.", "system-prompt-len");
        SharedPrefixQuestionLength = Define("shared-prefix-question-len", 50, "shared_prefix: tokens of a question.", "question-len");
        SharedPrefixOutputLength = Define("shared-prefix-output-len", 50, "shared_prefix: answer tokens.");
        MultiTurnTurns = Define("multi-turn-num-turns", 4, "multi_turn: requests of a conversation.");
        MultiTurnSystemPromptLength = Define("multi-turn-system-prompt-len", 0, "multi_turn: tokens that all conversations begin with.");
        MultiTurnInputLength = Define("multi-turn-input-len", 256, "multi_turn: tokens a user adds each time.");
        MultiTurnOutputLength = Define("multi-turn-output-len", 128, "multi_turn: answer tokens.");
        MultiTurnThinkTime = DefineDuration("multi-turn-think-time", TimeSpan.Zero, "multi_turn: pause before the next question.");
        ShareGptOutputLength = Define<int?>("sharegpt-output-len", null, "sharegpt: answer tokens; those of the file's answer when absent.");
        CustomOutputLength = Define("custom-output-len", 256, "custom: answer tokens; -1 for each line's own output_tokens.");

        RequestRateText = Define("request-rate", "inf", "Requests a second; inf sends all at once.");
        BurstinessText = Define("burstiness", "1.0", "Evenness of arrivals: 1 is a Poisson process, less is burstier.");
        MaxConcurrencyFlag = Define<int?>("max-concurrency", null, "Requests at a time; no limit when absent.");
        RampUpStrategy = Define<string?>("ramp-up-strategy", null, "linear or exponential: the rate grows instead of staying.");
        RampUpStart = Define<int?>("ramp-up-start-rps", null, "Rate of the first request.");
        RampUpEnd = Define<int?>("ramp-up-end-rps", null, "Rate of the last request.");
        Warmups = Define("num-warmups", 0, "Requests that are sent before and not counted.");
        ReadyCheckTimeout = Define("ready-check-timeout-sec", 0, "Seconds to wait until a request succeeds; 0 does not ask.");
        Profile = Define("profile", false, "Start and stop the server's profiler around the run.");

        IgnoreEos = Define("ignore-eos", false, "Let answers go on until their limit; always so for random.");
        Logprobs = Define<int?>("logprobs", null, "Log probabilities a token.");
        TopP = Define<double?>("top-p", null, "Sampling; sent when given.");
        TopK = Define<int?>("top-k", null, "Sampling; sent when given.");
        MinP = Define<double?>("min-p", null, "Sampling; sent when given.");
        Temperature = Define<double?>("temperature", null, "Sampling; sent when given.");
        FrequencyPenalty = Define<double?>("frequency-penalty", null, "Sampling; sent when given.");
        PresencePenalty = Define<double?>("presence-penalty", null, "Sampling; sent when given.");
        RepetitionPenalty = Define<double?>("repetition-penalty", null, "Sampling; sent when given.");
        ExtraBody = Define<string?>("extra-body", null, "JSON object whose members go into each request.");
        RequestIdPrefix = Define<string?>("request-id-prefix", null, "What stands before a request's number in x-request-id; bench-<8 digits>- when absent.");
        LoraModules = Define<string[]>("lora-modules", [], "Adapters that take the model's place in requests.");
        LoraAssignment = Define("lora-assignment", "random", "random or round-robin.");

        PercentileMetrics = Define("percentile-metrics", "ttft,tpot,itl", "Latencies to report, of ttft, tpot, itl and e2el.");
        MetricPercentiles = Define("metric-percentiles", "99", "Percentiles to report.");
        GoodputPairs = Define<string[]>("goodput", [], "What a good request keeps, in milliseconds: ttft:200 tpot:20 e2el:5000.");
        SaveResult = Define("save-result", false, "Save the result as JSON.");
        SaveDetailed = Define("save-detailed", false, "With every request in it.");
        AppendResult = Define("append-result", false, "Add it to the file instead of replacing that.");
        ResultFolder = Define<string?>("result-dir", null, "Folder of the result.");
        ResultName = Define<string?>("result-filename", null, "File of the result; made of label, rate, model and date when absent.");
        Label = Define<string?>("label", null, "Name of the result; --backend when absent.");
        Metadata = Define<string[]>("metadata", [], "Members to add to the result, KEY=VALUE.");
        PlotTimeline = Define("plot-timeline", false, "Write charts of the run beside the result, as HTML.");
        DisableProgress = Define("disable-tqdm", false, "Show no progress bar.");
        foreach (var (name, feature, nothing) in s_notYet)
        {
            // Known by name, so that nobody takes the feature for granted; without help, so that --help does not offer it.
            Check(Define<string[]>(name, [], ""), values => values is [var value] && value == nothing ? null : $"asks for {feature}, which are not supported yet; leave it out");
        }

        AddChecks();
    }

    public Flag<string> Host { get; }

    public Flag<int> Port { get; }

    public Flag<Uri?> BaseUrl { get; }

    public Flag<string?> EndpointPath { get; }

    public Flag<string> BackendName { get; }

    public Flag<string[]> Headers { get; }

    public Flag<bool> Insecure { get; }

    public Flag<string?> Model { get; }

    public Flag<string?> ServedModelName { get; }

    public Flag<string> Tokenizer { get; }

    public Flag<string> DatasetName { get; }

    public Flag<string?> DatasetPath { get; }

    public Flag<int> NumPrompts { get; }

    public Flag<long> Seed { get; }

    public Flag<int?> InputLength { get; }

    public Flag<int?> OutputLength { get; }

    public Flag<bool> DisableShuffle { get; }

    public Flag<bool> NoOversample { get; }

    public Flag<int> RandomInputLength { get; }

    public Flag<int> RandomOutputLength { get; }

    public Flag<string> RandomRangeRatio { get; }

    public Flag<int> RandomPrefixLength { get; }

    public Flag<int> PrefixRepetitionPrefixLength { get; }

    public Flag<int> PrefixRepetitionSuffixLength { get; }

    public Flag<int> PrefixRepetitionPrefixes { get; }

    public Flag<int> PrefixRepetitionOutputLength { get; }

    public Flag<int> SharedPrefixGroups { get; }

    public Flag<int> SharedPrefixPromptsPerGroup { get; }

    public Flag<int> SharedPrefixSystemPromptLength { get; }

    public Flag<int> SharedPrefixQuestionLength { get; }

    public Flag<int> SharedPrefixOutputLength { get; }

    public Flag<int> MultiTurnTurns { get; }

    public Flag<int> MultiTurnSystemPromptLength { get; }

    public Flag<int> MultiTurnInputLength { get; }

    public Flag<int> MultiTurnOutputLength { get; }

    public Flag<TimeSpan> MultiTurnThinkTime { get; }

    public Flag<int?> ShareGptOutputLength { get; }

    public Flag<int> CustomOutputLength { get; }

    public Flag<string> RequestRateText { get; }

    public Flag<string> BurstinessText { get; }

    public Flag<int?> MaxConcurrencyFlag { get; }

    public Flag<string?> RampUpStrategy { get; }

    public Flag<int?> RampUpStart { get; }

    public Flag<int?> RampUpEnd { get; }

    public Flag<int> Warmups { get; }

    public Flag<int> ReadyCheckTimeout { get; }

    public Flag<bool> Profile { get; }

    public Flag<bool> IgnoreEos { get; }

    public Flag<int?> Logprobs { get; }

    public Flag<double?> TopP { get; }

    public Flag<int?> TopK { get; }

    public Flag<double?> MinP { get; }

    public Flag<double?> Temperature { get; }

    public Flag<double?> FrequencyPenalty { get; }

    public Flag<double?> PresencePenalty { get; }

    public Flag<double?> RepetitionPenalty { get; }

    public Flag<string?> ExtraBody { get; }

    public Flag<string?> RequestIdPrefix { get; }

    public Flag<string[]> LoraModules { get; }

    public Flag<string> LoraAssignment { get; }

    public Flag<string> PercentileMetrics { get; }

    public Flag<string> MetricPercentiles { get; }

    public Flag<string[]> GoodputPairs { get; }

    public Flag<bool> SaveResult { get; }

    public Flag<bool> SaveDetailed { get; }

    public Flag<bool> AppendResult { get; }

    public Flag<string?> ResultFolder { get; }

    public Flag<string?> ResultName { get; }

    public Flag<string?> Label { get; }

    public Flag<string[]> Metadata { get; }

    public Flag<bool> PlotTimeline { get; }

    public Flag<bool> DisableProgress { get; }

    protected override bool AcceptUnknown(string name) => MeaninglessFlags.Contains(name);
}
