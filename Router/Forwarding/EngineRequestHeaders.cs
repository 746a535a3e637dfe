using System.Globalization;
using System.Net.Http.Headers;
using LlmdAspire.Router.Requests;
using LlmdAspire.Router.Workers;
using Microsoft.Extensions.Primitives;

namespace LlmdAspire.Router.Forwarding;

/// <summary>Turns the client's headers, copied already, into those an engine gets.</summary>
internal static class EngineRequestHeaders
{
    private const string RankHeader = "X-data-parallel-rank";

    // They choose a rank or name hosts from which KV blocks are fetched: the router's business, never a client's.
    private static readonly string[] s_routing =
    [
        RankHeader, "x-prefiller-host-port", "x-prefiller-data-parallel-rank", "x-encoder-hosts-ports", "x-data-parallel-host-port",
        "x-kv-cache-source-host-port", "x-gateway-destination-endpoint", "x-llmd-endpoint",
    ];

    public static void Apply(HttpRequestMessage request, IHeaderDictionary client, Exchange exchange, Worker worker, ForwardingOptions options)
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

        _ = headers.Remove(RankHeader);
        if (worker.Id.Rank is { } rank)
        {
            _ = headers.TryAddWithoutValidation(RankHeader, rank.ToString(CultureInfo.InvariantCulture));
        }

        _ = headers.Remove("x-request-id");
        _ = headers.TryAddWithoutValidation("x-request-id", exchange.RequestId);
        // Engines that trust their own machine must see that somebody else may stand behind this connection.
        _ = headers.TryAddWithoutValidation("Via", "1.1 llmd-router");
        if (options.ApiKey is { Length: > 0 } key)
        {
            headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        if (request.Content is { } content && exchange.Body is { Length: > 0 } body)
        {
            content.Headers.ContentLength = body.Length;
            if (!content.Headers.Contains("Content-Type"))
            {
                _ = content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            }
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
