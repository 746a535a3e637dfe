using LlmdAspire.Router.Endpoints;
using LlmdAspire.ServiceDefaults;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LlmdAspire.Router.Sidecar;

/// <summary>The router as the sidecar of a decode engine.</summary>
internal sealed class SidecarService : Service<SidecarFlags>
{
    protected override void AddServices(WebApplicationBuilder builder, SidecarFlags flags)
    {
        // Failed attempts are logged in one line with their engine; the forwarder would add a stack trace to each.
        _ = builder.Logging.AddFilter("Yarp", LogLevel.Critical);
        // Asks for a span of each request even where nobody collects spans; then the client's trace passes as it came.
        _ = builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        SidecarParts.Add(builder.Services, flags);
    }

    protected override bool ExposesMetrics(SidecarFlags flags) => flags.PrometheusPort != 0;

    protected override IEnumerable<int> AdditionalPorts(SidecarFlags flags) =>
        flags.PrometheusPort != 0 && flags.PrometheusHost.Value == flags.Host.Value ? [.. flags.RankPorts, flags.PrometheusPort] : flags.RankPorts;

    protected override void ConfigureServer(KestrelServerOptions server, SidecarFlags flags)
    {
        server.Limits.MaxRequestBodySize = flags.MaxPayloadSize;
        if (flags.PrometheusPort != 0 && flags.PrometheusHost.Value != flags.Host.Value)
        {
            MetricsListener.Listen(server, flags.PrometheusHost, flags.PrometheusPort);
        }
    }

    protected override void MapHealth(WebApplication app) => SidecarEndpoints.MapHealth(app);

    protected override void MapEndpoints(WebApplication app, SidecarFlags flags)
    {
        MetricsListener.KeepRequestsOut(app, flags.PrometheusPort);
        SidecarEndpoints.MapProbes(app);
        SidecarEndpoints.ForwardTheRest(app, flags.PrometheusPort);
    }
}
