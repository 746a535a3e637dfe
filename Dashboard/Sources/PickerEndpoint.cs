using System.Text.Json;

namespace LlmdAspire.Dashboard.Sources;

/// <summary>An engine, or a rank of it, as the endpoint picker's <c>GET /debug/endpoints</c> lists it, used or not.</summary>
/// <param name="Name">What people call it: the label that published pods carry the name of their resource in.</param>
/// <param name="Expected">Prompt tokens that decisions of the last minute sent there, and how many of them they expected in its cache.</param>
internal sealed record PickerEndpoint(string Endpoint, string? Name, string? Role, bool IsAway, int? InFlight, ExpectedTokens Expected)
{
    private const string NameLabel = "app.kubernetes.io/component";
    private const string RoleLabel = "llm-d.ai/role";

    public double? ExpectedHitRate => Expected.Rate;

    public static IReadOnlyList<PickerEndpoint> ReadList(JsonElement json) =>
        [.. json.Elements("endpoints").Select(Read).OfType<PickerEndpoint>().DistinctBy(endpoint => endpoint.Endpoint).Take(Worker.MaxCount)];

    private static PickerEndpoint? Read(JsonElement json)
    {
        if (json.Text("endpoint") is not { } endpoint)
        {
            return null;
        }

        var labels = json.Field("labels") ?? default;
        var minute = json.Field("last_minute") ?? default;
        return new PickerEndpoint(
            endpoint,
            labels.Text(NameLabel) is { Length: > 0 } name ? name : null,
            labels.Text(RoleLabel) is { Length: > 0 } role ? role : null,
            json.Truth("away") ?? false,
            json.Whole("requests_in_flight"),
            new ExpectedTokens(minute.Number("prompt_tokens") ?? 0, minute.Number("expected_cached_tokens") ?? 0));
    }
}

/// <summary>Prompt tokens of late, and how many of them were expected in the cache.</summary>
internal readonly record struct ExpectedTokens(double Prompt, double Cached)
{
    public double? Rate => Prompt > 0 ? Math.Clamp(Cached / Prompt, 0, 1) : null;

    public static ExpectedTokens operator +(ExpectedTokens one, ExpectedTokens other) => new(one.Prompt + other.Prompt, one.Cached + other.Cached);
}
