using LlmdAspire.Serving.OpenAi;
using LlmdAspire.Simulator.Http;
using LlmdAspire.Simulator.KvTransfer;

namespace LlmdAspire.Simulator.Generating;

/// <summary>The request fields that completions and chat share.</summary>
internal sealed record GenerationFields
{
    public string? Model { get; private init; }

    public string? RequestId { get; private init; }

    public int Choices { get; private init; }

    /// <summary>What the client asked for, null when it left the choice to us.</summary>
    public int? MaxTokens { get; init; }

    public int MinTokens { get; private init; }

    public bool IgnoreEos { get; private init; }

    public long? Seed { get; private init; }

    public IReadOnlyList<string> StopStrings { get; private init; } = [];

    public IReadOnlyList<int> StopTokens { get; private init; } = [];

    public bool KeepStopString { get; private init; }

    /// <summary>Keeps the request's cached blocks apart from others'.</summary>
    public string? CacheSalt { get; private init; }

    /// <summary>How the request is split between two engines; null for not at all.</summary>
    public KvTransferParams? KvTransfer { get; private init; }

    public bool Stream { get; private init; }

    public bool IncludeUsage { get; private init; }

    /// <summary>Whether every chunk tells the usage so far; counts only beside <see cref="IncludeUsage"/>.</summary>
    public bool ContinuousUsage { get; private init; }

    public bool ReturnTokenIds { get; private init; }

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
        foreach (var name in (ReadOnlySpan<string>)["frequency_penalty", "presence_penalty", "repetition_penalty", "min_p"])
        {
            _ = fields.Number(name);
        }

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
            ?? (CacheSalt is "" ? OpenAiError.BadRequest("Parameter 'cache_salt' must be a non-empty string if provided.", "cache_salt") : null);
    }

    private static int Clamp(long value) => (int)Math.Clamp(value, int.MinValue, int.MaxValue);
}
