using System.Text.Json.Nodes;

namespace LlmdAspire.Tests.Shared.Kubernetes;

/// <summary>Who a token is, and what a user may do: the reviews by which others ask the API server.</summary>
internal static class ReviewAnswers
{
    public static (string Group, string Resource)? Kind(string path) => path switch
    {
        "/apis/authentication.k8s.io/v1/tokenreviews" => ("authentication.k8s.io", "tokenreviews"),
        "/apis/authorization.k8s.io/v1/subjectaccessreviews" => ("authorization.k8s.io", "subjectaccessreviews"),
        _ => null,
    };

    public static JsonObject Of(string resource, JsonObject review, IDictionary<string, string> users, IDictionary<string, bool> mayReadMetrics)
    {
        var spec = review["spec"]!;
        if (resource == "tokenreviews")
        {
            review["status"] = users.TryGetValue(spec["token"]!.GetValue<string>(), out var user)
                ? new JsonObject { ["authenticated"] = true, ["user"] = new JsonObject { ["username"] = user, ["groups"] = new JsonArray("system:authenticated") } }
                : new JsonObject { ["authenticated"] = false, ["error"] = "invalid bearer token" };
        }
        else
        {
            var what = spec["nonResourceAttributes"]!;
            var isMetrics = (what["path"]!.GetValue<string>(), what["verb"]!.GetValue<string>()) == ("/metrics", "get");
            review["status"] = new JsonObject { ["allowed"] = isMetrics && mayReadMetrics.TryGetValue(spec["user"]!.GetValue<string>(), out var may) && may };
        }

        return review;
    }
}
