using LlmdAspire.Simulator.Engines;
using LlmdAspire.Simulator.Http;

namespace LlmdAspire.Simulator.Admin;

/// <summary><c>POST /reset_prefix_cache</c>: every rank forgets its cached prefixes; vLLM offers it in development mode only.</summary>
internal static class ResetPrefixCacheEndpoint
{
    public static Task HandleAsync(HttpContext context, ServedEngine engine)
    {
        var interrupt = context.Request.Query["reset_running_requests"].ToString() is "true" or "True" or "1";
        var done = true;
        foreach (var rank in engine.Ranks)
        {
            done &= rank.Engine.ResetPrefixCache(interrupt);
        }

        return JsonReply.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("success", done);
            json.WriteEndObject();
        });
    }
}
