using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;

namespace LlmdAspire.Router.Requests;

/// <summary>Gives every request an id: the client's if it sent a usable one, else a new one.</summary>
/// <param name="headerNames">Headers in which clients send ids, the first present wins.</param>
internal sealed class RequestIds(IReadOnlyList<string> headerNames)
{
    // Long enough for a W3C trace id with company prefixes, short enough for logs.
    private const int MaxLength = 128;
    private const string Alphanumerics = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public string Of(HttpRequest request)
    {
        for (var i = 0; i < headerNames.Count; i++)
        {
            if (request.Headers.TryGetValue(headerNames[i], out var values) && IsUsable(values))
            {
                return values.ToString();
            }
        }

        return PrefixOf(request.Path.Value ?? "") + RandomNumberGenerator.GetString(Alphanumerics, 24);
    }

    internal static string PrefixOf(string path) => path switch
    {
        "/v1/chat/completions" => "chatcmpl-",
        "/v1/completions" => "cmpl-",
        "/generate" or "/inference/v1/generate" => "gnt-",
        _ => "req-",
    };

    // Ids go into logs, answers and engines' own headers: printable, no separators, no surprises.
    private static bool IsUsable(StringValues values)
    {
        if (values.Count != 1 || values[0] is not { Length: > 0 and <= MaxLength } id)
        {
            return false;
        }

        foreach (var c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or ':' or '/' or '=' or '+' or '@'))
            {
                return false;
            }
        }

        return true;
    }
}
