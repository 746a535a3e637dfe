using System.Text.Json;
using LlmdAspire.Epp.Decisions;
using LlmdAspire.Scheduling.Endpoints;
using LlmdAspire.ServiceDefaults.Admin;
using LlmdAspire.ServiceDefaults.Telemetry;

namespace LlmdAspire.Epp.Endpoints;

/// <summary><c>GET /debug/endpoints</c>: everyone there is to choose from, used or not, and what the picker knows and expects of each.</summary>
internal static class EndpointsEndpoint
{
    public static void Map(WebApplication app) => app.MapGet("/debug/endpoints", AnswerAsync).RequireAdmin().WithoutTrace();

    private static async Task AnswerAsync(HttpContext context)
    {
        var clock = context.RequestServices.GetRequiredService<TimeProvider>();
        var expected = ExpectedHits.LastMinute(context.RequestServices.GetRequiredService<DecisionLog>(), clock);

        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartArray();
        foreach (var endpoint in context.RequestServices.GetRequiredService<EndpointPool>().All)
        {
            Write(json, endpoint, expected.GetValueOrDefault(endpoint), clock);
        }

        json.WriteEndArray();
        await json.FlushAsync(context.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, EngineEndpoint endpoint, ExpectedHits expected, TimeProvider clock)
    {
        json.WriteStartObject();
        json.WriteString("endpoint", endpoint.Name);
        json.WriteStartObject("labels");
        foreach (var (name, value) in endpoint.Labels)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteBoolean("away", endpoint.IsAway);
        json.WriteNumber("requests_in_flight", endpoint.RequestsInFlight);
        json.WriteNumber("tokens_in_flight", endpoint.TokensInFlight);
        WriteLoad(json, endpoint.Load, clock);
        json.WriteStartObject("last_minute");
        json.WriteNumber("decisions", expected.Decisions);
        json.WriteNumber("prompt_tokens", expected.PromptTokens);
        json.WriteNumber("expected_cached_tokens", expected.CachedTokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteLoad(Utf8JsonWriter json, EngineLoad load, TimeProvider clock)
    {
        if (load.ReadAt == 0)
        {
            json.WriteNull("load");
            return;
        }

        json.WriteStartObject("load");
        json.WriteNumber("waiting", load.Waiting);
        json.WriteNumber("running", load.Running);
        json.WriteNumber("kv_usage", Math.Round(load.KvUsage, 6));
        json.WriteNumber("age_ms", (long)clock.GetElapsedTime(load.ReadAt).TotalMilliseconds);
        json.WriteEndObject();
    }
}
