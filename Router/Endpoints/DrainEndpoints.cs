using System.Security.Cryptography;
using System.Text;
using LlmdAspire.Protocols;
using LlmdAspire.Router.Requests;
using LlmdAspire.Router.Workers;
using LlmdAspire.ServiceDefaults.Admin;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Serving.Endpoints;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Endpoints;

/// <summary>Takes workers out of service and ends single requests.</summary>
internal static class DrainEndpoints
{
    private static readonly TimeSpan s_defaultDeadline = TimeSpan.FromSeconds(30);

    public static void Map(WebApplication app)
    {
        var drain = app.Services.GetRequiredService<WorkerDrain>();
        var inFlight = app.Services.GetRequiredService<InFlightRequests>();
        _ = app.MapPost("/drain", (RequestDelegate)(context => DrainAsync(context, drain))).RequireAdmin();
        _ = app.MapPost("/abort", (RequestDelegate)(context => AbortAsync(context, inFlight)));
    }

    private static Task DrainAsync(HttpContext context, WorkerDrain drain)
    {
        var url = context.Request.Query["url"].ToString();
        var text = context.Request.Query["deadline"].ToString();
        var deadline = s_defaultDeadline;
        if (text.Length > 0 && !Duration.TryParse(text, TimeSpan.FromSeconds(1), out deadline))
        {
            return ErrorAnswer.WriteAsync(context, OpenAiError.BadRequest($"deadline is '{text}'; it must be a duration such as 30s or 2m.", "deadline"));
        }

        return EndpointId.TryParse(url, out var id, out _) && drain.Begin(id, deadline) is { } running
            ? RouterJson.WriteAsync(context, 202, new { url = id.ToString(), draining = true, in_flight = running })
            : ErrorAnswer.WriteAsync(context, OpenAiError.OfStatus(404, $"There is no worker '{url}'; GET /workers lists them.", "url"));
    }

    // An operator may end any request, a client those that it made with the same key.
    private static Task AbortAsync(HttpContext context, InFlightRequests inFlight)
    {
        var id = context.Request.Query["request_id"].ToString();
        if (id.Length == 0)
        {
            return ErrorAnswer.WriteAsync(context, OpenAiError.BadRequest("request_id is missing: POST /abort?request_id=ID.", "request_id"));
        }

        var isAdmin = AdminGuard.Allows(context);
        var key = context.Request.Headers.Authorization.ToString();
        if (!isAdmin && key.Length == 0)
        {
            return ErrorAnswer.WriteAsync(context, OpenAiError.OfStatus(403, "Aborting needs the key that the request was made with, or the admin key."));
        }

        var count = inFlight.Cut(id, exchange => isAdmin || SameKey(exchange.Authorization, key), "it was aborted on request");
        return count > 0
            ? RouterJson.WriteAsync(context, 200, new { request_id = id, aborted = count })
            : ErrorAnswer.WriteAsync(context, OpenAiError.OfStatus(404, $"No running request has the id '{id}'.", "request_id"));
    }

    // In a time that does not depend on where they differ.
    private static bool SameKey(string? left, string right) =>
        left is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));
}
