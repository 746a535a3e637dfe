using System.Net;
using System.Text.Json;

namespace LlmdAspire.Protocols.Kubernetes;

/// <summary>The API server refused, in its own words.</summary>
public sealed class ApiException : Exception
{
    private const int MaxStatusBytes = 1024 * 1024;

    private ApiException(int status, string message, TimeSpan? retryAfter)
        : base(message)
    {
        Status = status;
        RetryAfter = retryAfter;
    }

    /// <summary>The HTTP status, or the code of a <c>Status</c> object within a watch.</summary>
    public int Status { get; }

    /// <summary>When the server asks to be left alone until then.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>What was asked of is older than what the server remembers.</summary>
    public bool IsGone => Status == (int)HttpStatusCode.Gone;

    /// <summary>The server is too busy, or not well: what it was asked is not at fault.</summary>
    public bool IsPassing => Status is 429 or >= 500;

    internal static ApiException Of(JsonElement status) =>
        new(status.At("code") is { ValueKind: JsonValueKind.Number } code && code.TryGetInt32(out var number) ? number : 500, status.Text("message") ?? status.Text("reason") ?? "no reason given", null);

    internal static async Task<ApiException> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var message = response.ReasonPhrase ?? "";
        try
        {
            await response.Content.LoadIntoBufferAsync(MaxStatusBytes, cancellationToken);
            using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            message = body.RootElement.Text("message") ?? message;
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or IOException)
        {
            // Whatever stands between us and the API server answered in another form: the status must do.
        }

        return new ApiException(status, $"{status} {message.ReplaceLineEndings(" ")}".TrimEnd(), response.Headers.RetryAfter?.Delta);
    }
}
