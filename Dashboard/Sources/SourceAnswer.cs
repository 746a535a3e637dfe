using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace LlmdAspire.Dashboard.Sources;

/// <summary>What a source said, or why it said nothing usable.</summary>
/// <param name="Body">The body of a 2xx answer.</param>
/// <param name="Away">Why there is no body, as the end of a sentence: "refused the connection".</param>
/// <param name="Status">HTTP status, where there was an answer at all.</param>
internal sealed record SourceAnswer(byte[]? Body, string? Away, int? Status = null)
{
    [MemberNotNullWhen(true, nameof(Body))]
    public bool IsUp => Body is not null;

    /// <summary>The body as JSON; an answer that is no JSON is no answer.</summary>
    public bool TryReadJson(out JsonElement json, [NotNullWhen(false)] out string? away)
    {
        (json, away) = (default, Away);
        if (!IsUp)
        {
            away ??= "said nothing";
            return false;
        }

        try
        {
            json = JsonSerializer.Deserialize<JsonElement>(Body);
            away = null;
            return true;
        }
        catch (JsonException)
        {
            away = "answered something that is not JSON";
            return false;
        }
    }
}
