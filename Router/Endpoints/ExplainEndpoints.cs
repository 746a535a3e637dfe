using System.Globalization;
using LlmdAspire.Router.Configuration;
using LlmdAspire.Router.Explain;
using LlmdAspire.Router.Requests;
using LlmdAspire.ServiceDefaults.Admin;
using LlmdAspire.ServiceDefaults.Telemetry;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Endpoints;

/// <summary>What happened lately and why: the feed of requests and the reasons of decisions.</summary>
internal static class ExplainEndpoints
{
    private const int DefaultLimit = 50;

    public static void Map(WebApplication app)
    {
        var journal = app.Services.GetRequiredService<RequestJournal>();
        var path = app.Services.GetRequiredService<RequestPathInForce>();
        var time = app.Services.GetRequiredService<TimeProvider>();
        _ = app.MapGet("/requests", (RequestDelegate)(context => ListAsync(context, journal))).RequireAdmin().WithoutTrace();
        _ = app.MapGet("/explain/{**id}", (RequestDelegate)(context => ExplainAsync(context, journal, time))).RequireAdmin().WithoutTrace();
        _ = app.MapPost("/explain", (RequestDelegate)(context => PreviewAsync(context, path.Current, time))).RequireAdmin().WithoutTrace();
    }

    private static Task ListAsync(HttpContext context, RequestJournal journal)
    {
        var text = context.Request.Query["limit"].ToString();
        var limit = DefaultLimit;
        if (text.Length > 0 && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit < 1))
        {
            return ErrorAnswer.WriteAsync(context, OpenAiError.BadRequest($"limit is '{text}'; it must be a number from 1.", "limit"));
        }

        return RouterJson.WriteAsync(context, 200, new { requests = journal.Requests.Take(limit) });
    }

    private static Task ExplainAsync(HttpContext context, RequestJournal journal, TimeProvider time)
    {
        var id = Uri.UnescapeDataString(context.GetRouteValue("id") as string ?? "");
        return journal.FindDecision(id) is { } decision
            ? WriteAsync(context, decision, time)
            : ErrorAnswer.WriteAsync(context, OpenAiError.OfStatus(404, $"No decision is known for request '{id}'; only the latest few thousand are kept."));
    }

    private static async Task PreviewAsync(HttpContext context, RequestPath path, TimeProvider time)
    {
        var (body, error) = await path.Bodies.ReadAsync(context);
        RequestPeek peek = default;
        if (body is null || !RequestPeeker.TryPeek(body.Bytes, out peek, out error))
        {
            body?.Dispose();
            await ErrorAnswer.WriteAsync(context, error!);
            return;
        }

        var (decision, refused) = await path.Preview!.DecideAsync(context, body, peek);
        await (decision is null ? ErrorAnswer.WriteAsync(context, refused!) : WriteAsync(context, decision, time));
    }

    private static Task WriteAsync(HttpContext context, Decision decision, TimeProvider time) => RouterJson.WriteAsync(context, 200, new
    {
        request_id = decision.RequestId,
        endpoint = decision.Chosen,
        prefill_endpoint = decision.Prefill,
        policy = decision.Policy,
        reason = decision.Reason,
        candidates = decision.Candidates.Select(candidate => new
        {
            endpoint = candidate.Endpoint,
            eligible = candidate.Eligible,
            scores = candidate.Scores(),
            total = candidate.Total,
        }),
        age_ms = (long)time.GetElapsedTime(decision.At).TotalMilliseconds,
    });
}
