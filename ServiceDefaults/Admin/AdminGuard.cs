using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace LlmdAspire.ServiceDefaults.Admin;

/// <summary>Keeps admin paths to callers on this machine and to holders of <c>--admin-key</c>.</summary>
public static class AdminGuard
{
    private static readonly byte[] s_refusal = Encoding.UTF8.GetBytes(
        """{"error":{"message":"This path is for callers on this machine; others need the header 'Authorization: Bearer KEY' with the key of --admin-key.","type":"PermissionDeniedError","param":null,"code":403}}""");

    /// <summary>Answers others with 403. A web page is never let in, even on this machine: its Origin is not local.</summary>
    public static TBuilder RequireAdmin<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint =>
        {
            if (endpoint.RequestDelegate is { } inner)
            {
                endpoint.RequestDelegate = context => Allows(context) ? inner(context) : RefuseAsync(context);
            }
        });
        return builder;
    }

    /// <summary>Whether a request may use admin paths.</summary>
    public static bool Allows(HttpContext context) =>
        IsLocal(context) || HoldsKey(context);

    /// <summary>Whether a request brings the key of <c>--admin-key</c>.</summary>
    public static bool HoldsKey(HttpContext context) =>
        HasKey(context.Request, context.RequestServices.GetRequiredService<ServiceFlags>().AdminKey.Value);

    private static bool IsLocal(HttpContext context)
    {
        var request = context.Request;
        return context.Connection.RemoteIpAddress is { } peer
            && IPAddress.IsLoopback(peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer)
            // A name that somebody made resolve to this machine (DNS rebinding) is not a local name.
            && IsLocalHost(request.Host.Host)
            && IsLocalOrigin(request.Headers.Origin)
            // A proxy on this machine speaks for somebody elsewhere.
            && !request.Headers.ContainsKey("X-Forwarded-For")
            && !request.Headers.ContainsKey("Forwarded")
            && !request.Headers.ContainsKey("Via");
    }

    private static bool IsLocalOrigin(StringValues origin) =>
        origin.Count == 0 || (origin.Count == 1 && Uri.TryCreate(origin[0], UriKind.Absolute, out var uri) && IsLocalHost(uri.Host));

    private static bool IsLocalHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool HasKey(HttpRequest request, string? key)
    {
        const string Bearer = "Bearer ";
        if (string.IsNullOrEmpty(key)
            || request.Headers.Authorization is not [{ } authorization]
            || !authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // Hashed first: equal lengths, so that the time taken says nothing about the key.
        return CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(authorization[Bearer.Length..].Trim())),
            SHA256.HashData(Encoding.UTF8.GetBytes(key)));
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = s_refusal.Length;
        return context.Response.Body.WriteAsync(s_refusal, context.RequestAborted).AsTask();
    }
}
