using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Simulator.Failures;

/// <summary>A failure that can be injected, under llm-d-inference-sim's names.</summary>
internal sealed record FailureKind(string Name, OpenAiError Error)
{
    public static IReadOnlyList<FailureKind> All { get; } =
    [
        new("rate_limit", new OpenAiError(429, "RateLimitError", "Rate limit reached; this failure was injected.")),
        new("invalid_api_key", new OpenAiError(401, "AuthenticationError", "Incorrect API key; this failure was injected.")),
        new("context_length", new OpenAiError(400, "BadRequestError", "The prompt exceeds the model's context; this failure was injected.", "messages")),
        new("server_error", new OpenAiError(503, "ServiceUnavailableError", "The engine is overloaded; this failure was injected.")),
        new("invalid_request", new OpenAiError(400, "BadRequestError", "The request is not valid; this failure was injected.")),
        new("model_not_found", new OpenAiError(404, "NotFoundError", "The model does not exist; this failure was injected.", "model")),
    ];

    public static IEnumerable<string> Names => All.Select(kind => kind.Name);

    public static FailureKind? Find(string name) => All.FirstOrDefault(kind => kind.Name == name);

    /// <summary>Names may stand in one value, with commas between.</summary>
    public static IEnumerable<string> Split(string value) =>
        value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
