using LlmdAspire.Router.Configuration;
using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Policies.Sessions;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Endpoints;

/// <summary>Lets clients say that a session is over, so that its worker counts as less busy before the session has been idle long enough.</summary>
/// <remarks>Open to every client, as in vllm-router: the worst that a stranger can do is to have a session bound anew.</remarks>
internal static class SessionEndpoints
{
    public static void Map(WebApplication app)
    {
        var path = app.Services.GetRequiredService<RequestPathInForce>();
        _ = app.MapPost("/finish_session", (RequestDelegate)(context => FinishAsync(context, path.Current.Options.Policies)));
    }

    private static Task FinishAsync(HttpContext context, RoutingPolicies policies)
    {
        var session = context.Request.Query["session_id"].ToString();
        if (session.Length == 0)
        {
            return ErrorAnswer.WriteAsync(context, OpenAiError.BadRequest("session_id is missing: POST /finish_session?session_id=ID.", "session_id"));
        }

        // Each stage has bound it for itself.
        var finished = false;
        foreach (var policy in policies.All.OfType<IKeepsSessions>())
        {
            finished |= policy.Finish(session);
        }

        return RouterJson.WriteAsync(context, 200, new { session_id = session, finished });
    }
}
