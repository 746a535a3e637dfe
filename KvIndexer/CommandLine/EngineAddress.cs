using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.KvIndexer.CommandLine;

/// <summary>An engine to follow, as <c>--engine</c> names it: <c>URL,events=tcp://...,replay=tcp://...,ranks=N,model=NAME</c>.</summary>
/// <param name="Endpoint">Its address without a rank.</param>
/// <param name="Events">Where rank 0 publishes; further ranks add to the port.</param>
/// <param name="Replay">Where rank 0 answers for lost events, or null.</param>
/// <param name="Ranks">Data-parallel ranks.</param>
/// <param name="Model">The model it serves, for topics that name none.</param>
internal sealed record EngineAddress(EndpointId Endpoint, string Events, string? Replay, int Ranks, string? Model)
{
    private const int MaxRanks = 1024;

    /// <param name="mistake">What is wrong, as the end of a sentence; null on success.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out EngineAddress? address, [NotNullWhen(false)] out string? mistake)
    {
        address = null;
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        if (!EndpointId.TryParse(parts[0], out var endpoint, out mistake))
        {
            return false;
        }

        if (endpoint.Rank is not null)
        {
            mistake = "names a rank; write the engine's URL and ranks=N";
            return false;
        }

        string? events = null, replay = null, model = null;
        var ranks = 1;
        foreach (var part in parts.Skip(1))
        {
            var (name, value) = part.Split('=', 2) is [var left, { Length: > 0 } right] ? (left, right) : (part, "");
            switch (name)
            {
                case "events" when IsTcp(value):
                    events = value;
                    break;
                case "replay" when IsTcp(value):
                    replay = value;
                    break;
                case "events" or "replay":
                    mistake = $"has {name}='{value}'; write {name}=tcp://HOST:PORT";
                    return false;
                case "ranks" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ranks) && ranks is >= 1 and <= MaxRanks:
                    break;
                case "ranks":
                    mistake = $"has ranks='{value}'; it must be from 1 to {MaxRanks}";
                    return false;
                case "model" when value.Length > 0:
                    model = value;
                    break;
                default:
                    mistake = $"has '{part}'; known are events=, replay=, ranks= and model=";
                    return false;
            }
        }

        mistake = Check(events, replay, ranks);
        address = mistake is null ? new EngineAddress(endpoint.WithoutRank(), events!, replay, ranks, model) : null;
        return address is not null;
    }

    /// <summary>The address of a rank: the port grows with it.</summary>
    public static string PortOfRank(string address, int rank)
    {
        var uri = new Uri(address);
        return string.Create(CultureInfo.InvariantCulture, $"tcp://{uri.Host}:{uri.Port + rank}");
    }

    private static string? Check(string? events, string? replay, int ranks)
    {
        if (events is null)
        {
            return "names no events; add events=tcp://HOST:PORT, where rank 0 publishes";
        }

        if (new Uri(events).Port + ranks - 1 > 65535 || (replay is not null && new Uri(replay).Port + ranks - 1 > 65535))
        {
            return "has more ranks than there are ports from its first one on";
        }

        if (replay is null)
        {
            return null;
        }

        var (first, second) = (new Uri(events), new Uri(replay));
        return first.Host == second.Host && Math.Abs(first.Port - second.Port) < ranks
            ? $"has events and replay ports less than {ranks} apart, so those of its ranks collide"
            : null;
    }

    private static bool IsTcp(string text) =>
        text.StartsWith("tcp://", StringComparison.Ordinal) && !text.Contains('*', StringComparison.Ordinal)
        && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Port is > 0 and <= 65535 && uri.Host.Length > 0;
}
