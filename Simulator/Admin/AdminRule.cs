using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace LlmdAspire.Simulator.Admin;

/// <summary>Who may use admin paths: this machine, when the request was written for it, and whoever has the admin key.</summary>
internal static class AdminRule
{
    public static bool Allows(HttpContext context, string? adminKey) => IsLocal(context) || HasKey(context.Request, adminKey);

    // A page from elsewhere can make a browser on this machine send requests here, but not with a local Host and Origin.
    private static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } peer && IPAddress.IsLoopback(peer)
        && IsLocalName(context.Request.Host.Host)
        && (context.Request.Headers.Origin.ToString() is not { Length: > 0 } origin
            || (Uri.TryCreate(origin, UriKind.Absolute, out var from) && IsLocalName(from.Host)));

    private static bool IsLocalName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool HasKey(HttpRequest request, string? adminKey)
    {
        const string Scheme = "Bearer ";
        var header = request.Headers.Authorization.ToString();
        return adminKey is { Length: > 0 } && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..])), SHA256.HashData(Encoding.UTF8.GetBytes(adminKey)));
    }
}
