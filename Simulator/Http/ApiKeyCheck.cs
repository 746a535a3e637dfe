using System.Security.Cryptography;
using System.Text;

namespace LlmdAspire.Simulator.Http;

/// <summary>Asks for a key on the paths that vLLM guards; health, metrics and tokenize stay open.</summary>
internal sealed class ApiKeyCheck(IEnumerable<string> keys)
{
    private static readonly string[] s_guarded = ["/v1", "/v2", "/inference", "/cohere"];

    // Hashes have one length, so the comparison's time tells nothing about a key.
    private readonly byte[][] _hashes = [.. keys.Select(Hash)];

    public bool Allows(HttpRequest request)
    {
        if (_hashes.Length == 0 || HttpMethods.IsOptions(request.Method) || !IsGuarded(request.Path.Value ?? ""))
        {
            return true;
        }

        const string Scheme = "Bearer ";
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var given = Hash(header[Scheme.Length..]);
        return _hashes.Aggregate(false, (found, hash) => found | CryptographicOperations.FixedTimeEquals(hash, given));
    }

    public static Task RefuseAsync(HttpContext context) =>
        JsonReply.SendAsync(context, StatusCodes.Status401Unauthorized, """{"error":"Unauthorized"}"""u8.ToArray());

    private static bool IsGuarded(string path) => s_guarded.Any(prefix => path.StartsWith(prefix, StringComparison.Ordinal));

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
