using System.Text;
using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.Scheduling.Handlers;
using LlmdAspire.Scheduling.Profiles;
using LlmdAspire.Scheduling.Requests;

namespace LlmdAspire.Scheduling.Scorers;

/// <summary>1 for the endpoint that the client's session token names, 0 for all others; a client without a token leaves all at 0.</summary>
/// <remarks>The token is the endpoint's name in base64, given out with each answer. Where prompts are computed apart, two of these scorers follow a header each.</remarks>
/// <param name="header">The header that carries the token both ways.</param>
/// <param name="profile">The profile whose endpoint the token names; null for the one that serves the request.</param>
internal sealed class SessionAffinityScorer(string header = SessionToken.Header, string? profile = null) : IScorer
{
    public string Header => header;

    /// <summary>The endpoint to name in the answer; null where the profile did not run.</summary>
    public EngineEndpoint? Pin(ScheduleResult result) =>
        profile is null ? result.Best : result.Runs.FirstOrDefault(run => run.Profile.Name == profile)?.Best;

    public void Score(SchedulingContext context, string running, ReadOnlySpan<EngineEndpoint> candidates, Span<double> scores)
    {
        scores.Clear();
        if (SessionToken.Read(context.Request.Header(header)) is not { } pinned)
        {
            return;
        }

        for (var i = 0; i < candidates.Length; i++)
        {
            scores[i] = candidates[i].Name == pinned ? 1 : 0;
        }
    }
}

/// <summary>The token by which a client asks for the endpoint that answered it before.</summary>
public static class SessionToken
{
    public const string Header = "x-session-token";

    /// <summary>The endpoint's name, or null when the text is no token.</summary>
    public static string? Read(string? token)
    {
        var bytes = new byte[((token?.Length ?? 0) * 3 / 4) + 3];
        return !string.IsNullOrEmpty(token) && Convert.TryFromBase64String(token, bytes, out var length)
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : null;
    }

    public static string Write(string endpoint) => Convert.ToBase64String(Encoding.UTF8.GetBytes(endpoint));
}
