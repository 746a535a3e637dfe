using System.Globalization;
using LlmdAspire.Router.Forwarding;
using LlmdAspire.Serving.Endpoints;
using LlmdAspire.Serving.OpenAi;
using Microsoft.Extensions.Primitives;

namespace LlmdAspire.Router.Sidecar;

/// <summary>Reads the picker's decision from a request: its headers, and the port it came in by.</summary>
/// <param name="firstPort">Port of rank 0; 0 where ports say nothing about ranks.</param>
/// <param name="allowed">Null where any host may be named.</param>
/// <param name="random">Null to begin with the first prefiller named.</param>
internal sealed class RouteReader(LocalEngine engine, int firstPort, string prefillerScheme, PrefillerAllowList? allowed, Random? random)
{
    // In the one spelling that pickers take away from clients; another one would be a client's own.
    private const string PrefillerHosts = "x-prefiller-host-port";
    private const string RankPort = "x-data-parallel-host-port";
    private const string PrefillerRank = "x-prefiller-data-parallel-rank";

    /// <summary>Reads one; most requests name nothing and cost nothing.</summary>
    /// <returns>The route, or what to answer instead.</returns>
    public (RequestRoute? Route, OpenAiError? Refused) Read(HttpContext context)
    {
        var headers = context.Request.Headers;
        var (rank, refused) = ReadRank(context, headers);
        if (refused is not null)
        {
            return (null, refused);
        }

        var named = headers[PrefillerHosts];
        if (named.Count == 0)
        {
            return (rank is null ? RequestRoute.Plain : new(rank, []), null);
        }

        var (prefillers, wrong) = ReadPrefillers(named, RankOf(headers[PrefillerRank]));
        return wrong is null ? (new(rank ?? Paired(prefillers), prefillers), null) : (null, wrong);
    }

    // Of several ranks the one that is not named would be the engine's choice, and the blocks may be meant for the prefill leg's own.
    private int? Paired(List<EndpointId> prefillers) => engine.Ranks > 1 && prefillers is [{ Rank: { } rank }, ..] && rank < engine.Ranks ? rank : null;

    private (int? Rank, OpenAiError? Refused) ReadRank(HttpContext context, IHeaderDictionary headers)
    {
        var rank = RankOf(headers[EngineRequestHeaders.Rank]);
        if (rank is null && engine.Ranks > 1 && firstPort != 0)
        {
            if (headers.TryGetValue(RankPort, out var port))
            {
                return RankBehind(port.ToString()) is { } told
                    ? (told, null)
                    : (null, OpenAiError.BadRequest($"{RankPort} is '{port}'; the ranks here have ports {firstPort} to {firstPort + engine.Ranks - 1}."));
            }

            // Rank 0's port is that of requests for any rank, too.
            rank = context.Connection.LocalPort > firstPort ? RankOf(context.Connection.LocalPort) : null;
        }

        // Behind one port the engine itself says which ranks it has.
        return engine.HasPortPerRank && rank >= engine.Ranks
            ? (null, OpenAiError.BadRequest($"{EngineRequestHeaders.Rank} is {rank}; the engine has ranks 0 to {engine.Ranks - 1}."))
            : (rank, null);
    }

    private int? RankBehind(string hostPort) =>
        int.TryParse(hostPort.AsSpan(hostPort.LastIndexOf(':') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? RankOf(port) : null;

    private int? RankOf(int port) => port >= firstPort && port < firstPort + engine.Ranks ? port - firstPort : null;

    // What is no number, vLLM ignores.
    private static int? RankOf(StringValues text) =>
        int.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var rank) ? rank : null;

    private (List<EndpointId> Prefillers, OpenAiError? Wrong) ReadPrefillers(StringValues named, int? rank)
    {
        List<EndpointId> prefillers = [];
        foreach (var text in named.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var url = text.Contains("://", StringComparison.Ordinal) ? text : $"{prefillerScheme}://{text}";
            if (!EndpointId.TryParse(url, out var id, out var mistake))
            {
                return ([], OpenAiError.BadRequest($"{PrefillerHosts} names '{text}', which {mistake}."));
            }

            if (allowed?.Allows(id) == false)
            {
                return ([], OpenAiError.OfStatus(403, $"{PrefillerHosts} names {id.Host}, which is not among --allowed-prefillers."));
            }

            prefillers.Add(rank is null ? id : id.WithRank(rank.Value));
        }

        if (random is not null && prefillers.Count > 1)
        {
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(prefillers));
        }

        return (prefillers, null);
    }
}
