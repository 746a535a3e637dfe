using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace LlmdAspire.Serving.Endpoints;

/// <summary>Names one engine endpoint everywhere: scheme, host, port and, where an engine has several, the data-parallel rank.</summary>
/// <remarks>
/// Written <c>http://10.0.0.5:8000@3</c>. The <c>@rank</c> is identity only: it stands in lists, metrics, logs and the index, and never on the
/// wire, where an HTTP client would read what stands before it as user information. Requests go to <see cref="BaseUrl"/>, the rank travels as a header.
/// Two ids are equal when scheme, host (in lower case), port and rank are.
/// </remarks>
public readonly record struct EndpointId
{
    private EndpointId(string scheme, string host, int port, int? rank)
    {
        Scheme = scheme;
        Host = host;
        Port = port;
        Rank = rank;
    }

    /// <summary><c>http</c> or <c>https</c>.</summary>
    public string Scheme { get; }

    /// <summary>Host name or address in lower case; an IPv6 address stands in brackets.</summary>
    public string Host { get; }

    public int Port { get; }

    /// <summary>The data-parallel rank, or null where the engine has only one.</summary>
    public int? Rank { get; }

    /// <summary>The address to send to, without rank and without a slash at the end: <c>http://10.0.0.5:8000</c>.</summary>
    public string BaseUrl => string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{Host}:{Port}");

    /// <summary>The same engine without a rank.</summary>
    public EndpointId WithoutRank() => new(Scheme, Host, Port, null);

    /// <summary>One rank of this engine.</summary>
    public EndpointId WithRank(int rank)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        return new(Scheme, Host, Port, rank);
    }

    /// <summary>Reads an id; a missing scheme means <c>http</c>, a missing port the scheme's own.</summary>
    /// <param name="mistake">What is wrong with the text, as the end of a sentence that begins with it; null on success.</param>
    public static bool TryParse(string? text, out EndpointId id, [NotNullWhen(false)] out string? mistake)
    {
        id = default;
        var rest = (text ?? "").Trim();
        if (rest.Length == 0)
        {
            mistake = "is empty; write http://HOST:PORT";
            return false;
        }

        if (!TryTakeRank(ref rest, out var rank))
        {
            mistake = "has a rank that is not a number; write http://HOST:PORT@RANK";
            return false;
        }

        if (!rest.Contains("://", StringComparison.Ordinal))
        {
            rest = "http://" + rest;
        }

        if (!Uri.TryCreate(rest, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            mistake = "is not a URL; write http://HOST:PORT";
            return false;
        }

        mistake = Refuse(uri);
        if (mistake is not null)
        {
            return false;
        }

        id = new EndpointId(uri.Scheme, HostOf(uri), uri.Port, rank);
        return true;
    }

    /// <summary>The written form, with <c>@rank</c> where there is one.</summary>
    public override string ToString() =>
        Rank is { } rank ? string.Create(CultureInfo.InvariantCulture, $"{BaseUrl}@{rank}") : BaseUrl;

    // Only an "@" after the last colon, slash or bracket is a rank: "http://user@host:80" has its "@" earlier and is refused as user information.
    private static bool TryTakeRank(ref string text, out int? rank)
    {
        rank = null;
        var at = text.LastIndexOf('@');
        if (at < 0 || text.AsSpan(at).IndexOfAny(":[") >= 0)
        {
            return true;
        }

        var digits = text.AsSpan(at + 1).TrimEnd('/');
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        rank = value;
        text = text[..at];
        return true;
    }

    private static string? Refuse(Uri uri)
    {
        if (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
        {
            return $"has scheme '{uri.Scheme}'; only http and https engines are supported";
        }

        if (uri.UserInfo.Length > 0)
        {
            return "carries user information; write http://HOST:PORT";
        }

        if (uri.AbsolutePath != "/" || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            return "has a path; write http://HOST:PORT and nothing after it";
        }

        return uri.Port is < 1 or > 65535 ? "has no usable port; write http://HOST:PORT" : null;
    }

    private static string HostOf(Uri uri) =>
        IPAddress.TryParse(uri.IdnHost, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
            ? $"[{address}]"
            : uri.IdnHost.ToLowerInvariant();
}
