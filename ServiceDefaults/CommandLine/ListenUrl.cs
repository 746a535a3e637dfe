using System.Globalization;

namespace LlmdAspire.ServiceDefaults;

/// <summary>Host and port that ASP.NET's own variables ask for.</summary>
/// <param name="Host">Host as written: a name, an address, <c>*</c> or <c>+</c>.</param>
/// <param name="Port">TCP port.</param>
internal sealed record ListenUrl(string Host, int Port)
{
    /// <summary>Reads <c>ASPNETCORE_URLS</c>, else <c>HTTP_PORTS</c>.</summary>
    /// <param name="environment">Variable by name.</param>
    /// <param name="mistake">What is wrong with the variable, in one line.</param>
    /// <returns>The first http address, or null when the variables name none.</returns>
    public static ListenUrl? FromEnvironment(Func<string, string?> environment, out string? mistake)
    {
        mistake = null;
        if (environment("ASPNETCORE_URLS") is { Length: > 0 } urls)
        {
            foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (url.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

                if (Parse(url) is { } found)
                {
                    return found;
                }

                mistake = $"ASPNETCORE_URLS is '{urls}'; it must be an address such as http://localhost:5000.";
                return null;
            }
        }

        if (environment("HTTP_PORTS") is { Length: > 0 } ports)
        {
            var first = ports.Split(';', StringSplitOptions.TrimEntries)[0];
            if (TryPort(first, out var port))
            {
                return new ListenUrl("*", port);
            }

            mistake = $"HTTP_PORTS is '{ports}'; it must be a port from 0 to 65535.";
        }

        return null;
    }

    private static ListenUrl? Parse(string url)
    {
        const string Scheme = "http://";
        if (!url.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        // Not a System.Uri: '*' and '+' are no hosts to it.
        var slash = url.IndexOf('/', Scheme.Length);
        var authority = slash < 0 ? url[Scheme.Length..] : url[Scheme.Length..slash];
        var colon = authority.LastIndexOf(':');
        if (colon < 0 || authority.EndsWith(']'))
        {
            return authority.Length == 0 ? null : new ListenUrl(authority.Trim('[', ']'), 80);
        }

        return colon > 0 && TryPort(authority[(colon + 1)..], out var port)
            ? new ListenUrl(authority[..colon].Trim('[', ']'), port)
            : null;
    }

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65535;
}
