using LlmdAspire.Router.Configuration;
using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Router.Endpoints;

/// <summary>What happens to paths that are not ours: forwarded to an engine, or 404.</summary>
internal static class UnknownPaths
{
    public static void Map(WebApplication app)
    {
        var requests = app.Services.GetRequiredService<RequestPathInForce>();
        var flags = app.Services.GetRequiredService<Live<RouterFlags>>();
        var rules = new RouteRules("transparent") { Admitted = true, Recorded = true };
        var ours = new Lazy<Dictionary<string, string>>(() => OwnPaths(app));
        // Not for browsers: a preflight for one of our own guarded paths would end here too.
        _ = app.MapFallback("{**path}", (RequestDelegate)HandleAsync);

        Task HandleAsync(HttpContext context)
        {
            var path = context.Request.Path;
            if (ours.Value.TryGetValue(path.Value ?? "", out var methods))
            {
                context.Response.Headers.Allow = methods;
                var error = OpenAiError.OfStatus(405, $"{context.Request.Method} is not allowed on {path}; use {methods}.");
                return ErrorAnswer.WriteAsync(context, error);
            }

            if (flags.Current.TransparentProxy != "on")
            {
                return ErrorAnswer.WriteAsync(context, OpenAiError.OfStatus(404, $"There is no path {path} here; --transparent-proxy on forwards unknown paths to an engine."));
            }

            return GuardedPaths.Refuses(context) ? GuardedPaths.AnswerAsync(context) : requests.Current.Pipeline.HandleAsync(context, rules);
        }
    }

    private static Dictionary<string, string> OwnPaths(WebApplication app)
    {
        var paths = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var endpoint in ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>())
        {
            var path = "/" + endpoint.RoutePattern.RawText?.TrimStart('/');
            if (endpoint.RoutePattern.Parameters.Count == 0 && endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is { } allowed)
            {
                var methods = string.Join(", ", allowed.HttpMethods);
                paths[path] = paths.TryGetValue(path, out var others) ? $"{others}, {methods}" : methods;
            }
        }

        return paths;
    }
}
