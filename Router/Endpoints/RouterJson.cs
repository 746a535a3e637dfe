using System.Text.Encodings.Web;
using System.Text.Json;

namespace LlmdAspire.Router.Endpoints;

/// <summary>JSON as the router's own paths write it: snake_case, one document per answer.</summary>
internal static class RouterJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Task WriteAsync<T>(HttpContext context, int status, T value)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(value, Options, context.RequestAborted);
    }
}
