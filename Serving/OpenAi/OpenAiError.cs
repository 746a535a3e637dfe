using System.Text.Encodings.Web;
using System.Text.Json;

namespace LlmdAspire.Serving.OpenAi;

/// <summary>An error in the shape that OpenAI clients read: <c>{"error":{"message","type","param","code"}}</c>, code equal to the HTTP status.</summary>
/// <param name="Status">HTTP status, also the JSON number <c>code</c>.</param>
/// <param name="Type">vLLM's name of the kind: <c>BadRequestError</c>, <c>NotFoundError</c>, …</param>
/// <param name="Message">One sentence for a person: what is wrong and, where there is one, the remedy.</param>
/// <param name="Param">The request field at fault, for example <c>model</c>.</param>
public sealed record OpenAiError(int Status, string Type, string Message, string? Param = null)
{
    // Quotes and backticks of a message stay readable, as vLLM writes them.
    private static readonly JsonWriterOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The error vLLM answers for a model it does not serve.</summary>
    public static OpenAiError UnknownModel(string model) =>
        new(404, "NotFoundError", $"The model `{model}` does not exist.", "model");

    public static OpenAiError BadRequest(string message, string? param = null) => new(400, "BadRequestError", message, param);

    /// <summary>An error by status alone, with vLLM's name for the kind.</summary>
    public static OpenAiError OfStatus(int status, string message, string? param = null) => new(status, TypeOf(status), message, param);

    /// <summary>The error as one server-sent event, for a stream that has begun and cannot be finished.</summary>
    public byte[] ToSseEvent() => [.. "data: "u8, .. ToUtf8Json(), .. "\n\n"u8];

    /// <summary>The body as UTF-8 JSON.</summary>
    public byte[] ToUtf8Json()
    {
        using var buffer = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(buffer, s_plain))
        {
            json.WriteStartObject();
            json.WriteStartObject("error");
            json.WriteString("message", Message);
            json.WriteString("type", Type);
            json.WriteString("param", Param);
            json.WriteNumber("code", Status);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static string TypeOf(int status) => status switch
    {
        401 => "AuthenticationError",
        403 => "PermissionDeniedError",
        404 => "NotFoundError",
        405 => "MethodNotAllowedError",
        408 => "RequestTimeoutError",
        413 => "RequestTooLargeError",
        429 => "RateLimitError",
        502 => "BadGatewayError",
        503 => "ServiceUnavailableError",
        504 => "GatewayTimeoutError",
        >= 500 => "InternalServerError",
        _ => "BadRequestError",
    };
}
