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

    private static readonly string[] s_trace = ["traceparent", "tracestate", "baggage"];

    /// <summary>Whether a header chooses engines or ranks, which clients may not.</summary>
    public static bool IsRouting(string name) => Array.Exists(s_routing, routing => routing.Equals(name, StringComparison.OrdinalIgnoreCase));

    public static void Apply(HttpRequestMessage request, IHeaderDictionary client, EngineLeg leg, ForwardingOptions options)
    {
        var headers = request.Headers;
        RemoveOfThisHop(headers, client);
        if (!options.PassRoutingHeaders)
        {
            RemoveRouting(headers);
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

    /// <summary>Removes what concerns the client's own connection.</summary>
    public static void RemoveOfThisHop(HttpRequestHeaders headers, IHeaderDictionary client)
    {
        headers.Host = null;
        // The body comes without being asked for.
        headers.ExpectContinue = null;
        _ = headers.Remove("Expect");
        RemoveConnectionScoped(headers, client.Connection);
    }

    /// <summary>Removes what chooses engines and ranks.</summary>
    public static void RemoveRouting(HttpRequestHeaders headers)
    {
        foreach (var name in s_routing)
        {
            _ = headers.Remove(name);
        }
    }

    /// <summary>Names the rank that a request is for; null leaves it to the engine.</summary>
    public static void SetRank(HttpRequestHeaders headers, int? rank)
    {
        _ = headers.Remove(Rank);
        if (rank is { } number)
        {
            _ = headers.TryAddWithoutValidation(Rank, number.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Passes the client's trace on, where no span of ours stands between it and the engine's.</summary>
    public static void CopyTrace(IHeaderDictionary client, HttpRequestHeaders headers)
    {
        foreach (var name in s_trace)
        {
            if (client.TryGetValue(name, out var value))
            {
                _ = headers.TryAddWithoutValidation(name, value.ToString());
            }
        }
    }

    /// <summary>Tells engines that trust their own machine that somebody else may stand behind this connection.</summary>
    public static void AddVia(HttpRequestHeaders headers) => headers.TryAddWithoutValidation("Via", "1.1 llmd-router");

    /// <summary>Sets what is the router's own to say: rank, request id, key, and that somebody stands behind it.</summary>
    public static void Sign(HttpRequestHeaders headers, EngineLeg leg, ForwardingOptions options)
    {
        SetRank(headers, leg.Rank);
        _ = headers.Remove("x-request-id");
        _ = headers.TryAddWithoutValidation("x-request-id", leg.RequestId);
        AddVia(headers);
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
