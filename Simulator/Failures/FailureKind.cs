using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Simulator.Failures;

/// <summary>What a failure does to its request.</summary>
internal enum FailureEffect
{
    /// <summary>An error is the answer.</summary>
    Error,

    /// <summary>The answer stops coming and the connection stays open.</summary>
    Stall,

    /// <summary>The connection is reset within the answer.</summary>
    Reset,

    /// <summary>The process dies at once, as if it were killed.</summary>
    Crash,
}

/// <summary>A failure that can be injected: llm-d-inference-sim's errors under their names, and what happens to real engines beside.</summary>
/// <param name="Error">The answer; null for a failure that is no answer.</param>
internal sealed record FailureKind(string Name, OpenAiError? Error, FailureEffect Effect = FailureEffect.Error)
{
    public static IReadOnlyList<FailureKind> All { get; } =
    [
        new("rate_limit", new OpenAiError(429, "RateLimitError", "Rate limit reached; this failure was injected.")),
        new("invalid_api_key", new OpenAiError(401, "AuthenticationError", "Incorrect API key; this failure was injected.")),
        new("context_length", new OpenAiError(400, "BadRequestError", "The prompt exceeds the model's context; this failure was injected.", "messages")),
        new("server_error", new OpenAiError(503, "ServiceUnavailableError", "The engine is overloaded; this failure was injected.")),
        new("invalid_request", new OpenAiError(400, "BadRequestError", "The request is not valid; this failure was injected.")),
        new("model_not_found", new OpenAiError(404, "NotFoundError", "The model does not exist; this failure was injected.", "model")),
        new("stall", null, FailureEffect.Stall),
        new("reset", null, FailureEffect.Reset),
        new("crash", null, FailureEffect.Crash),
    ];

    /// <summary>What is injected where no kinds are named.</summary>
    public static IReadOnlyList<FailureKind> Errors { get; } = [.. All.Where(kind => kind.Effect == FailureEffect.Error)];

    public static IEnumerable<string> Names => All.Select(kind => kind.Name);

    public static FailureKind? Find(string name) => All.FirstOrDefault(kind => kind.Name == name);

    /// <summary>Names may stand in one value, with commas between.</summary>
    public static IEnumerable<string> Split(string value) =>
        value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
