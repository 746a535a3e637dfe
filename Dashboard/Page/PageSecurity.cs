using System.Net;

namespace LlmdAspire.Dashboard.Page;

/// <summary>What the browser may do with this page: run its own script and style, talk to its own server, nothing else.</summary>
internal static class PageSecurity
{
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Keeps away, from a page that only this machine may see, any web site whose name was made to resolve to this machine.</summary>
    public static Func<HttpContext, RequestDelegate, Task> RefuseForeignNames(string listensOn) => (context, next) =>
    {
        var asked = context.Request.Host.Host;
        if (!IsLocal(listensOn) || IsLocal(asked) || Uri.CheckHostName(asked) != UriHostNameType.Dns)
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync("This page answers to localhost and to addresses, not to other names.\n");
    };

    public static Task AddHeaders(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        if (!headers.ContainsKey("Cache-Control"))
        {
            headers.CacheControl = "no-store";
        }

        return next(context);
    }

    private static bool IsLocal(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
