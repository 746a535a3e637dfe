using System.Text.Json;

namespace LlmdAspire.Dashboard.Sources;

/// <summary>Why the Router sent a request where it went, as its <c>GET /explain/{request-id}</c> tells.</summary>
public sealed record Explanation(
    string RequestId, string? Endpoint, string? PrefillEndpoint, string? Policy, string? Reason, IReadOnlyList<Candidate> Candidates)
{
    public static Explanation Read(string requestId, JsonElement json) => new(
        requestId,
        json.Text("endpoint"),
        json.Text("prefill_endpoint"),
        json.Text("policy"),
        json.Text("reason"),
        [.. json.Elements("candidates").Select(Candidate.Read).OfType<Candidate>().Take(Worker.MaxCount)]);

    /// <summary>Every score that some candidate has, in the order of first mention: the columns of the table.</summary>
    public IReadOnlyList<string> ScoreNames =>
        [.. Candidates.SelectMany(candidate => candidate.Scores.Keys).Distinct().Take(Candidate.MaxScores)];
}

/// <summary>An engine the Router could have chosen.</summary>
public sealed record Candidate(string Endpoint, bool IsEligible, IReadOnlyDictionary<string, double> Scores, double? Total)
{
    public const int MaxScores = 12;

    public static Candidate? Read(JsonElement json)
    {
        if (json.Text("endpoint") is not { } endpoint)
        {
            return null;
        }

        var scores = new Dictionary<string, double>();
        if (json.Field("scores") is { ValueKind: JsonValueKind.Object } fields)
        {
            foreach (var field in fields.EnumerateObject().Take(MaxScores))
            {
                if (fields.Number(field.Name) is { } score)
                {
                    scores[field.Name] = score;
                }
            }
        }

        return new Candidate(endpoint, json.Truth("eligible") ?? true, scores, json.Number("total"));
    }
}
