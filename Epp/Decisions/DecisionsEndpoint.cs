using System.Text.Json;
using LlmdAspire.ServiceDefaults.Admin;
using LlmdAspire.ServiceDefaults.Telemetry;

namespace LlmdAspire.Epp.Decisions;

/// <summary><c>GET /debug/decisions</c>: why requests went where they went, newest first; <c>?limit=N</c>, <c>?request_id=ID</c>, which may repeat.</summary>
internal static class DecisionsEndpoint
{
    private const int DefaultLimit = 100;

    public static void Map(WebApplication app) => app.MapGet("/debug/decisions", AnswerAsync).RequireAdmin().WithoutTrace();

    private static async Task AnswerAsync(HttpContext context)
    {
        var log = context.RequestServices.GetRequiredService<DecisionLog>();
        var clock = context.RequestServices.GetRequiredService<TimeProvider>();
        var limit = int.TryParse(context.Request.Query["limit"], out var asked) && asked > 0 ? Math.Min(asked, DecisionLog.Capacity) : DefaultLimit;
        var ids = context.Request.Query["request_id"].OfType<string>().ToHashSet(StringComparer.Ordinal);
        var decisions = log.Latest().Where(decision => ids.Count == 0 || ids.Contains(decision.RequestId)).Take(limit);

        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartArray();
        foreach (var decision in decisions)
        {
            DecisionJson.Write(json, decision, clock.GetElapsedTime(decision.At));
        }

        json.WriteEndArray();
        await json.FlushAsync(context.RequestAborted);
    }
}
