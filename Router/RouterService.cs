using LlmdAspire.Router.Authentication;
using LlmdAspire.Router.Endpoints;
using LlmdAspire.Router.Workers;
using LlmdAspire.ServiceDefaults;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace LlmdAspire.Router;

/// <summary>The router as a service.</summary>
internal sealed class RouterService : Service<RouterFlags>
{
    protected override void AddServices(WebApplicationBuilder builder, RouterFlags flags)
    {
        // Failed attempts are logged by the attempt loop in one line with their worker; the forwarder would add a stack trace to each.
        _ = builder.Logging.AddFilter("Yarp", LogLevel.Critical);
        RouterParts.Add(builder.Services, flags);
    }

    protected override IEnumerable<int> AdditionalPorts(RouterFlags flags) =>
        flags.PrometheusPort != 0 && flags.PrometheusHost.Value == flags.Host.Value ? [flags.PrometheusPort] : [];

    protected override void ConfigureServer(KestrelServerOptions server, RouterFlags flags)
    {
        if (flags.PrometheusPort != 0 && flags.PrometheusHost.Value != flags.Host.Value)
        {
            MetricsListener.Listen(server, flags.PrometheusHost, flags.PrometheusPort);
        }
    }

    protected override double? TracesKept(RouterFlags flags) => flags.OtelSamplingRatio;

    protected override void MapHealth(WebApplication app) => StatusEndpoints.MapHealth(app);

    protected override void MapEndpoints(WebApplication app, RouterFlags flags)
    {
        MetricsListener.KeepRequestsOut(app, flags.PrometheusPort);
        _ = app.UseCors();
        KeyCheck.Use(app);
        InferenceEndpoints.Map(app);
        StatusEndpoints.Map(app);
        WorkerEndpoints.Map(app, flags.PdDisaggregation ? WorkerRole.Decode : WorkerRole.Regular);
        FleetEndpoints.Map(app);
        DrainEndpoints.Map(app);
        SessionEndpoints.Map(app);
        ExplainEndpoints.Map(app);
        UnknownPaths.Map(app);

        var pool = app.Services.GetRequiredService<WorkerPool>();
        foreach (var (id, role) in flags.Workers)
        {
            _ = pool.AddEngine(id, role);
        }
    }
}
