using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Requests;

/// <summary>Why a request did not end well.</summary>
/// <param name="Kind">Value of the metric's <c>error_type</c>.</param>
/// <param name="Error">What to tell the client; null when it was told already or is gone.</param>
internal readonly record struct RequestFailure(string Kind, OpenAiError? Error, int? RetryAfterSeconds = null)
{
    /// <summary>Headers for the client beside the error; null for none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Headers { get; init; }

    public static RequestFailure ClientGone { get; } = new("client_gone", null);

    public bool ClientLeft => Kind == "client_gone";
}
