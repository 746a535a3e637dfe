using System.Globalization;
using LlmdAspire.Bench.Client;

namespace LlmdAspire.Bench.Results;

/// <summary>Limits that a good request keeps, all of them; in milliseconds, null for none.</summary>
internal sealed record Goodput(double? TimeToFirstToken, double? TimePerOutputToken, double? Latency)
{
    public static Goodput None { get; } = new(null, null, null);

    public bool IsAsked => this != None;

    /// <summary>Reads <c>ttft:100 tpot:20 e2el:5000</c>.</summary>
    /// <returns>Null, or what the texts must be.</returns>
    public static string? Read(IEnumerable<string> pairs, out Goodput goodput)
    {
        goodput = None;
        foreach (var pair in pairs)
        {
            if (pair.Split(':') is not [var name, var text]
                || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var limit) || !double.IsFinite(limit) || limit < 0)
            {
                return "must be pairs such as ttft:200 tpot:20 e2el:5000, in milliseconds";
            }

            switch (name)
            {
                case "ttft":
                    goodput = goodput with { TimeToFirstToken = limit };
                    break;
                case "tpot":
                    goodput = goodput with { TimePerOutputToken = limit };
                    break;
                case "e2el":
                    goodput = goodput with { Latency = limit };
                    break;
                default:
                    return $"names '{name}', which is none of ttft, tpot and e2el";
            }
        }

        return null;
    }

    /// <summary>Whether a request that succeeded keeps every limit.</summary>
    public bool IsKeptBy(RequestOutcome outcome) =>
        IsWithin(outcome.TimeToFirstToken, TimeToFirstToken)
        // An answer of one token has no time per further token.
        && IsWithin(RequestTimes.PerOutputToken(outcome) ?? 0, TimePerOutputToken)
        && IsWithin(outcome.Latency, Latency);

    private static bool IsWithin(double seconds, double? limit) => limit is null || seconds <= limit / 1000;
}
