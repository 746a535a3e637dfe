namespace LlmdAspire.Bench.Client;

/// <summary>One request as it is to be sent.</summary>
/// <param name="Index">Its number in the run; it stands in the request id, and null leaves that out.</param>
/// <param name="Model">Model or adapter, as a JSON string.</param>
/// <param name="Messages">What was said so far; the last one is the user's.</param>
/// <param name="InputTokens">Tokens of the prompt as far as the client knows.</param>
/// <param name="OutputTokens">Limit of the answer.</param>
internal readonly record struct RequestSpec(int? Index, byte[] Model, IReadOnlyList<Message> Messages, int InputTokens, int OutputTokens);
