using LlmdAspire.Router.Endpoints;
using LlmdAspire.ServiceDefaults.Admin;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Authentication;

/// <summary>Lets only clients in whose keys are valid, where keys are validated; probes and metrics need none.</summary>
internal static class KeyCheck
{
    private const string Scheme = "Bearer ";

    private static readonly string[] s_open = ["/health", "/readiness", "/liveness", "/alive", "/metrics"];

    public static void Use(WebApplication app)
    {
        var keys = app.Services.GetRequiredService<ClientKeys>();
        _ = app.Use(next => context => keys.Urls.Count == 0 || s_open.Contains(context.Request.Path.Value) || AdminGuard.HoldsKey(context)
            ? next(context)
            : CheckAsync(context, next, keys));
    }

    private static async Task CheckAsync(HttpContext context, RequestDelegate next, ClientKeys keys)
    {
        var header = context.Request.Headers.Authorization;
        var key = header is [{ } text] && text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? text[Scheme.Length..].Trim() : "";
        var verdict = key.Length == 0 ? KeyVerdict.Invalid : await keys.CheckAsync(key);
        if (verdict == KeyVerdict.Valid)
        {
            await next(context);
            return;
        }

        // 401 would make clients throw away a key that may be good.
        var error = verdict == KeyVerdict.Unknown ? OpenAiError.OfStatus(503, "The key cannot be checked now; try again in a moment.")
            : key.Length == 0 ? OpenAiError.OfStatus(401, "A key is needed: send the header 'Authorization: Bearer KEY'.")
            : OpenAiError.OfStatus(401, "The key is not valid.");
        await ErrorAnswer.WriteAsync(context, error, headers: error.Status == 401 ? [KeyValuePair.Create("WWW-Authenticate", "Bearer")] : null);
    }
}
