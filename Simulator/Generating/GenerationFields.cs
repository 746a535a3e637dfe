using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Http;
using LlmdAspire.Simulator.KvTransfer;
using KvTransferParams = LlmdAspire.Simulator.KvTransfer.KvTransferParams;

namespace LlmdAspire.Simulator.Generating;

/// <summary>The request fields that completions and chat share.</summary>
internal sealed record GenerationFields
{
    public string? Model { get; init; }

    public string? RequestId { get; init; }

    public int Choices { get; init; }

    /// <summary>What the client asked for, null when it left the choice to us.</summary>
    public int? MaxTokens { get; init; }

    public int MinTokens { get; init; }

    public bool IgnoreEos { get; init; }

    public long? Seed { get; init; }

    public IReadOnlyList<string> StopStrings { get; init; } = [];

    public IReadOnlyList<int> StopTokens { get; init; } = [];

    public bool KeepStopString { get; init; }

    /// <summary>Keeps the request's cached blocks apart from others'.</summary>
    public string? CacheSalt { get; init; }

    /// <summary>How the request is split between two engines; null for not at all.</summary>
    public KvTransferParams? KvTransfer { get; init; }

    public bool Stream { get; init; }

    public bool IncludeUsage { get; init; }

    /// <summary>Whether every chunk tells the usage so far; counts only beside <see cref="IncludeUsage"/>.</summary>
    public bool ContinuousUsage { get; init; }

    public bool ReturnTokenIds { get; init; }

    /// <summary>Probabilities that answers tell.</summary>
    public LogprobFields Logprobs { get; init; } = LogprobFields.None;

    /// <summary>Share of the prompt that must be cached for the request to run here; null for any.</summary>
    public double? CacheHitThreshold { get; init; }

    /// <summary>Tokens that the prompt is cut to; -1 for as many as fit, null for no cut.</summary>
    public long? TruncateTo { get; init; }

    /// <summary>Whether a cut prompt loses its end instead of its beginning.</summary>
    public bool TruncateEnd { get; init; }

    /// <param name="fields">The request's body; type mistakes are left in it.</param>
    /// <param name="maxTokensFields">Fields for the token limit, the one that counts more first.</param>
    public static GenerationFields Read(JsonFields fields, params ReadOnlySpan<string> maxTokensFields)
    {
        long? maxTokens = null;
        foreach (var name in maxTokensFields)
        {
            var value = fields.Whole(name);
            maxTokens ??= value;
        }

        // Read only to refuse wrong types: sampling does not change what the simulator writes.
        foreach (var name in (ReadOnlySpan<string>)["frequency_penalty", "presence_penalty", "repetition_penalty", "min_p", "length_penalty"])
        {
            _ = fields.Number(name);
        }

        // Nor does a priority: vLLM looks at it under --scheduling-policy priority only.
        _ = fields.Whole("priority");
        _ = fields.Switch("add_special_tokens");
        var options = fields.Object("stream_options");
        var read = new GenerationFields
        {
            Model = fields.Text("model"),
            RequestId = fields.Text("request_id"),
            Choices = Clamp(fields.Whole("n") ?? 1),
            MaxTokens = maxTokens is { } most ? Clamp(most) : null,
            MinTokens = Clamp(fields.Whole("min_tokens") ?? 0),
            IgnoreEos = fields.Switch("ignore_eos"),
            Seed = fields.Whole("seed"),
            StopStrings = fields.Texts("stop"),
            StopTokens = fields.Ids("stop_token_ids"),
            KeepStopString = fields.Switch("include_stop_str_in_output"),
            CacheSalt = fields.Text("cache_salt"),
            KvTransfer = fields.Object("kv_transfer_params") is not null ? KvTransferParams.Read(fields.Element("kv_transfer_params")!.Value) : null,
            Stream = fields.Switch("stream"),
            IncludeUsage = options?.Switch("include_usage") ?? false,
            ContinuousUsage = options?.Switch("continuous_usage_stats") ?? false,
            ReturnTokenIds = fields.Switch("return_token_ids"),
            CacheHitThreshold = fields.Number("cache_hit_threshold"),
            TruncateTo = fields.Whole("truncate_prompt_tokens"),
            TruncateEnd = fields.Text("truncation_side") == "right",
        };
        if (options is not null)
        {
            fields.Adopt("stream_options", options);
        }

        return read;
    }

    /// <summary>What is wrong with the values, in vLLM's words; null for nothing.</summary>
    /// <param name="fields">The body that the values were read from.</param>
    /// <param name="leastMaxTokens">Zero where a request may ask for no tokens at all.</param>
    public OpenAiError? FindMistake(JsonFields fields, int leastMaxTokens)
    {
        var temperature = fields.Number("temperature");
        var topP = fields.Number("top_p");
        var topK = fields.Whole("top_k");
        return fields.Mistake
            ?? (Choices < 1 ? OpenAiError.BadRequest($"n must be at least 1, got {Choices}.", "n") : null)
            // Each choice is a sequence of its own: without a bound, a small body could ask for any amount of memory.
            ?? (Choices > 1024 ? OpenAiError.BadRequest($"n must be at most 1024, got {Choices}.", "n") : null)
            ?? (MaxTokens < leastMaxTokens ? OpenAiError.BadRequest($"max_tokens must be at least {leastMaxTokens}, got {MaxTokens}.", "max_tokens") : null)
            ?? (MinTokens < 0 ? OpenAiError.BadRequest($"min_tokens must be greater than or equal to 0, got {MinTokens}.", "min_tokens") : null)
            ?? (MinTokens > MaxTokens ? OpenAiError.BadRequest($"min_tokens must be less than or equal to max_tokens={MaxTokens}, got {MinTokens}.", "min_tokens") : null)
            ?? (temperature < 0 ? OpenAiError.BadRequest($"temperature must be non-negative, got {temperature}.", "temperature") : null)
            ?? (topP is <= 0 or > 1 ? OpenAiError.BadRequest($"top_p must be in (0, 1], got {topP}.", "top_p") : null)
            ?? (topK < -1 ? OpenAiError.BadRequest($"top_k must be 0 (disable), or at least 1, got {topK}.", "top_k") : null)
            ?? (StopStrings.Contains("") ? OpenAiError.BadRequest("stop cannot contain an empty string.", "stop") : null)
            ?? (fields.Element("stream_options") is not null && !Stream ? OpenAiError.BadRequest("Stream options can only be defined when `stream=True`.", "stream_options") : null)
            ?? (fields.Whole("best_of") is { } best && best != Choices ? OpenAiError.BadRequest("best_of is not supported; leave it out.", "best_of") : null)
            ?? (CacheHitThreshold is < 0 or > 1 ? OpenAiError.BadRequest($"cache_hit_threshold must be in [0, 1], got {CacheHitThreshold}.", "cache_hit_threshold") : null)
            ?? (TruncateTo < -1 ? JsonFields.Invalid("truncate_prompt_tokens", "greater_than_equal", "Input should be greater than or equal to -1") : null)
            ?? (fields.Text("truncation_side") is not (null or "left" or "right") ? JsonFields.Invalid("truncation_side", "literal_error", "Input should be \\'left\\' or \\'right\\'") : null)
            ?? (CacheSalt is "" ? OpenAiError.BadRequest("Parameter 'cache_salt' must be a non-empty string if provided.", "cache_salt") : null);
    }

    private static int Clamp(long value) => (int)Math.Clamp(value, int.MinValue, int.MaxValue);
}
