using System.Security.Cryptography;

namespace LlmdAspire.Simulator.Http;

/// <summary>The id of a request: the client's, else a random one.</summary>
internal static class RequestIds
{
    public const string Header = "X-Request-Id";

    /// <summary>The client's header, else the body's <c>request_id</c>, else 16 random hex digits.</summary>
    public static string Of(HttpContext context, string? bodyId) =>
        context.Request.Headers[Header].ToString() is { Length: > 0 } id ? id
        : bodyId is { Length: > 0 } ? bodyId
        : RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>Gives the answer the request's id, or a random one.</summary>
    public static void Echo(HttpContext context) => context.Response.Headers[Header] = Of(context, bodyId: null);
}
