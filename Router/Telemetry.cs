using System.Diagnostics;

namespace LlmdAspire.Router;

/// <summary>The router's own spans: <c>pick</c>, <c>prefill</c> and <c>decode</c>, children of the request.</summary>
internal static class Telemetry
{
    private static readonly ActivitySource s_source = new("LlmdAspire.Router");

    public static Activity? StartPick(Uri picker) => s_source.StartActivity("pick", ActivityKind.Client)?.SetTag("server.address", picker.Authority);

    /// <summary>A stage of a request that runs in two.</summary>
    public static Activity? StartStage(string name, string endpoint, string engineRequestId) =>
        s_source.StartActivity(name, ActivityKind.Internal)?.SetTag("llmd.endpoint", endpoint).SetTag("llmd.engine_request_id", engineRequestId);

    public static void Failed(this Activity? span, string reason) => span?.SetStatus(ActivityStatusCode.Error, reason);
}
