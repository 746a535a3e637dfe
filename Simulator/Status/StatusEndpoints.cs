using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Status;

/// <summary><c>/health</c>, <c>/ping</c> and <c>/load</c>.</summary>
internal static class StatusEndpoints
{
    /// <summary>200 with an empty body once the model is loaded, 503 before.</summary>
    public static Task HealthAsync(HttpContext context, ServedEngine engine)
    {
        context.Response.StatusCode = engine.IsLoaded ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    /// <summary>Requests in the engine, or 0 where they are not tracked.</summary>
    public static Task LoadAsync(HttpContext context, ServedEngine engine)
    {
        var requests = engine.TracksLoad ? engine.Ranks.Select(rank => rank.Engine.Load).Sum(load => load.Running + load.Waiting) : 0;
        return JsonReply.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("server_load", requests);
            json.WriteEndObject();
        });
    }
}
