using System.Text.Json;
using LlmdAspire.Dashboard.Sources;

namespace LlmdAspire.Dashboard.Playground;

/// <summary>What the playground sends: one prompt to one model.</summary>
/// <param name="RequestId">The id it travels under, for whoever wants to follow it on its way; the Router gives one where it is null.</param>
internal sealed record PlaygroundRequest(string Model, string Prompt, int MaxTokens, string? RequestId = null)
{
    public const int MaxPromptLength = 20_000;
    public const int DefaultMaxTokens = 128;
    public const int MostTokens = 1024;

    private const int MaxIdLength = 64;

    /// <summary>Reads <c>{"model","prompt","max_tokens"?,"request_id"?}</c>.</summary>
    /// <param name="json">The body.</param>
    /// <param name="mistake">What is wrong, as a sentence, when the result is null.</param>
    /// <param name="param">The field at fault.</param>
    public static PlaygroundRequest? Read(JsonElement json, out string mistake, out string? param)
    {
        (mistake, param) = ("", "model");
        if (json.Text("model") is not { Length: > 0 and <= 512 } model)
        {
            mistake = "`model` must be the name of a model that the stack serves.";
            return null;
        }

        param = "prompt";
        if (json.Text("prompt") is not { } prompt || string.IsNullOrWhiteSpace(prompt) || prompt.Length > MaxPromptLength)
        {
            mistake = $"`prompt` must be text of 1 to {MaxPromptLength} characters.";
            return null;
        }

        param = "max_tokens";
        var maxTokens = json.Field("max_tokens") is null ? DefaultMaxTokens : json.Number("max_tokens");
        if (maxTokens is not (>= 1 and <= MostTokens) || maxTokens % 1 != 0)
        {
            mistake = $"`max_tokens` must be a whole number from 1 to {MostTokens}.";
            return null;
        }

        param = "request_id";
        var id = json.Text("request_id");
        if (json.Field("request_id") is not (null or { ValueKind: JsonValueKind.Null }) && !IsUsable(id))
        {
            mistake = $"`request_id` must be 1 to {MaxIdLength} letters, digits, hyphens or underscores.";
            return null;
        }

        param = null;
        return new PlaygroundRequest(model, prompt, (int)maxTokens, id);
    }

    private static bool IsUsable(string? id) =>
        id is { Length: > 0 and <= MaxIdLength } && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>The body of the chat completion that travels through the Router.</summary>
    public byte[] ToChatCompletion() => JsonSerializer.SerializeToUtf8Bytes(new
    {
        model = Model,
        messages = new[] { new { role = "user", content = Prompt } },
        max_tokens = MaxTokens,
        stream = true,
        stream_options = new { include_usage = true },
    });
}
