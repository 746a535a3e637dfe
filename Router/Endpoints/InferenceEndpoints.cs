using LlmdAspire.Router.Configuration;

namespace LlmdAspire.Router.Endpoints;

/// <summary>The paths that engines answer.</summary>
internal static class InferenceEndpoints
{
    public const string CorsPolicy = "inference";

    private static readonly string[] s_inference =
    [
        "/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/rerank", "/rerank", "/generate", "/inference/v1/generate",
    ];

    private static readonly string[] s_public = ["/v1/models", "/get_model_info", "/get_server_info", "/health_generate"];

    public static void Map(WebApplication app)
    {
        var requests = app.Services.GetRequiredService<RequestPathInForce>();
        foreach (var path in s_inference)
        {
            Add(HttpMethods.Post, new RouteRules(path) { RequiresJson = true, Admitted = true, Recorded = true });
        }

        foreach (var path in s_public)
        {
            Add(HttpMethods.Get, new RouteRules(path));
        }

        // Stored responses live in the engine that made them, and no one wrote down which.
        Add(HttpMethods.Get, new RouteRules("/v1/responses/{id}") { AskEveryWorker = true });
        Add(HttpMethods.Delete, new RouteRules("/v1/responses/{id}") { AskEveryWorker = true });
        Add(HttpMethods.Post, new RouteRules("/v1/responses/{id}/cancel") { AskEveryWorker = true });
        Add(HttpMethods.Get, new RouteRules("/v1/responses/{id}/input") { AskEveryWorker = true });

        void Add(string method, RouteRules rules) =>
            _ = app.MapMethods(rules.Route, [method], (RequestDelegate)(context => requests.Current.Pipeline.HandleAsync(context, rules))).RequireCors(CorsPolicy);
    }
}
