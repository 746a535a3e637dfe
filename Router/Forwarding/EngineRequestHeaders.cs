using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.Extensions.Primitives;

namespace LlmdAspire.Router.Forwarding;

/// <summary>Turns the client's headers, copied already, into those an engine gets.</summary>
internal static class EngineRequestHeaders
{
    public const string Rank = "X-data-parallel-rank";

    // They choose a rank or name hosts from which KV blocks are fetched: the router's business, never a client's.
    private static readonly string[] s_routing =
    [
        Rank, "x-prefiller-host-port", "x-llm-d-prefiller-host-port", "x-prefiller-data-parallel-rank", "x-encoder-hosts-ports", "x-data-parallel-host-port",
        "x-kv-cache-source-host-port", "x-gateway-destination-endpoint", "x-llm-d-destination-endpoint", "x-llmd-endpoint",
    ];

    /// <summary>Whether a header chooses engines or ranks, which clients may not.</summary>
    public static bool IsRouting(string name) => Array.Exists(s_routing, routing => routing.Equals(name, StringComparison.OrdinalIgnoreCase));

    public static void Apply(HttpRequestMessage request, IHeaderDictionary client, EngineLeg leg, ForwardingOptions options)
    {
        var headers = request.Headers;
        headers.Host = null;
        // The body is here in full: nobody has to be asked whether it may come.
        headers.ExpectContinue = null;
        _ = headers.Remove("Expect");
        RemoveConnectionScoped(headers, client.Connection);
        if (!options.TrustClientKvParams)
        {
            foreach (var name in s_routing)
            {
                _ = headers.Remove(name);
            }
        }

        leg.Picked?.ApplyTo(headers);
        Sign(headers, leg, options);
        if (request.Content is { } content && !leg.Body.IsEmpty)
        {
            content.Headers.ContentLength = leg.Body.Length;
            if (!content.Headers.Contains("Content-Type"))
            {
                _ = content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            }
        }
    }

    /// <summary>Sets what is the router's own to say: rank, request id, key, and that somebody stands behind it.</summary>
    public static void Sign(HttpRequestHeaders headers, EngineLeg leg, ForwardingOptions options)
    {
        _ = headers.Remove(Rank);
        if (leg.Rank is { } rank)
        {
            _ = headers.TryAddWithoutValidation(Rank, rank.ToString(CultureInfo.InvariantCulture));
        }

        _ = headers.Remove("x-request-id");
        _ = headers.TryAddWithoutValidation("x-request-id", leg.RequestId);
        // Engines that trust their own machine must see that somebody else may stand behind this connection.
        _ = headers.TryAddWithoutValidation("Via", "1.1 llmd-router");
        if (options.ApiKey is { Length: > 0 } key)
        {
            headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    private static void RemoveConnectionScoped(HttpRequestHeaders headers, StringValues connection)
    {
        foreach (var line in connection)
        {
            foreach (var token in (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                // A token that is no header name cannot name a header either.
                if (token.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
                {
                    _ = headers.Remove(token);
                }
            }
        }
    }
}
