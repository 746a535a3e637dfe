using System.Globalization;
using LlmdAspire.Router.Bodies;
using LlmdAspire.Router.Explain;
using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Requests;
using LlmdAspire.Router.Workers;
using LlmdAspire.ServiceDefaults.Admin;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Endpoints;

/// <summary>What happened lately and why: the feed of requests and the reasons of decisions.</summary>
internal static class ExplainEndpoints
{
    private const int DefaultLimit = 50;

    public static void Map(WebApplication app)
    {
        var journal = app.Services.GetRequiredService<RequestJournal>();
        var selector = app.Services.GetRequiredService<WorkerSelector>();
        var bodies = app.Services.GetRequiredService<BodyReader>();
        var time = app.Services.GetRequiredService<TimeProvider>();
        _ = app.MapGet("/requests", (RequestDelegate)(context => ListAsync(context, journal))).RequireAdmin();
        _ = app.MapGet("/explain/{**id}", (RequestDelegate)(context => ExplainAsync(context, journal, time))).RequireAdmin();
        _ = app.MapPost("/explain", (RequestDelegate)(context => PreviewAsync(context, selector, bodies, time))).RequireAdmin();
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

    private static async Task PreviewAsync(HttpContext context, WorkerSelector selector, BodyReader bodies, TimeProvider time)
    {
        var (body, error) = await bodies.ReadAsync(context);
        using (body)
        {
            if (body is null || !RequestPeeker.TryPeek(body.Bytes, out var peek, out error))
            {
                await ErrorAnswer.WriteAsync(context, error!);
                return;
            }

            await WriteAsync(context, Preview(selector, peek, context), time);
        }
    }

    private static Decision Preview(WorkerSelector selector, RequestPeek peek, HttpContext context)
    {
        var selection = selector.Preview(new RoutingRequest("/v1/completions", peek, context.Request.Headers));
        return selector.Explain("", selection, attempt: 1);
    }

    private static Task WriteAsync(HttpContext context, Decision decision, TimeProvider time) => RouterJson.WriteAsync(context, 200, new
    {
        request_id = decision.RequestId,
        endpoint = decision.Chosen,
        policy = decision.Policy,
        reason = decision.Reason,
        candidates = decision.Candidates.Select(candidate => new
        {
            endpoint = candidate.Worker.Name,
            eligible = candidate.Eligible,
            scores = new Dictionary<string, double> { ["in_flight"] = candidate.InFlight },
            total = candidate.Total,
        }),
        age_ms = (long)time.GetElapsedTime(decision.At).TotalMilliseconds,
    });
}
