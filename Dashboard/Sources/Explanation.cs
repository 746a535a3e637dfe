using System.Text.Json;
using System.Text.Json.Serialization;

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
    [JsonIgnore]
    public IReadOnlyList<string> ScoreNames =>
        [.. Candidates.SelectMany(candidate => candidate.Scores.Keys).Distinct().Take(Candidate.MaxScores)];
}

/// <summary>An engine the Router could have chosen.</summary>
public sealed record Candidate(string Endpoint, bool Eligible, IReadOnlyDictionary<string, double> Scores, double? Total)
{
    public const int MaxScores = 12;

    public static Candidate? Read(JsonElement json) => json.Text("endpoint") is { } endpoint
        ? new Candidate(endpoint, json.Truth("eligible") ?? true, json.Numbers("scores", MaxScores), json.Number("total"))
        : null;
}
