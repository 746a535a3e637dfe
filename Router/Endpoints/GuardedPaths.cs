using LlmdAspire.ServiceDefaults.Admin;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Endpoints;

/// <summary>Paths of engines that are not for everybody.</summary>
/// <remarks>An engine trusts the machine it runs on; through us anybody would be on that machine.</remarks>
internal static class GuardedPaths
{
    private static readonly PathString[] s_paths = ["/admin", "/debug"];

    /// <summary>Whether the caller may not ask an engine for this path.</summary>
    public static bool Refuses(HttpContext context)
    {
        var path = context.Request.Path;
        return Array.Exists(s_paths, guarded => path.StartsWithSegments(guarded)) && !AdminGuard.Allows(context);
    }

    public static Task AnswerAsync(HttpContext context) => ErrorAnswer.WriteAsync(
        context, OpenAiError.OfStatus(403, $"{context.Request.Path} is answered to this machine only, or with the admin key."));
}
