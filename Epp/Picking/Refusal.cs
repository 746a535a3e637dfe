namespace LlmdAspire.Epp.Picking;

/// <summary>Why a request is answered at once, in llm-d's words.</summary>
/// <param name="DroppedReason">Value of <c>x-llm-d-request-dropped-reason</c>; null where the request itself is at fault.</param>
internal sealed record Refusal(int Status, string Code, string Message, string? DroppedReason = null)
{
    public const string NoEndpointsReason = "rejected-no-endpoints";

    public static readonly Refusal NoEndpoints =
        new(503, "ServiceUnavailable", "failed to find candidate endpoints for serving the request", NoEndpointsReason);

    public static readonly Refusal Drained =
        new(429, "InferencePoolResourceExhausted", "failed to find target endpoint: no endpoint is left after the filters", "rejected-saturated");

    public static readonly Refusal Shed = new(429, "InferencePoolResourceExhausted", "system saturated, sheddable request dropped", "rejected-saturated");

    public static readonly Refusal HeaderOnlyWithoutEndpoints = new(500, "Internal", "no pods available in datastore");

    public static readonly Refusal NotCached = new(412, "PreconditionFailed", "the chosen endpoint holds no part of the prompt");

    public static Refusal BadRequest(string message) => new(400, "BadRequest", message);

    public static Refusal TooLarge(long limit) => new(413, "BadRequest", $"the request body is larger than {limit} bytes");

    public static readonly Refusal NoMemory =
        new(429, "InferencePoolResourceExhausted", "too many request bodies are held at the same time", "rejected-saturated");

    /// <summary>The body of the answer.</summary>
    public string Text => $"inference error: {Code} - {Message}";
}
