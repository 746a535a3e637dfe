using System.Diagnostics;
using LlmdAspire.Router.Admission;
using LlmdAspire.Router.Bodies;
using LlmdAspire.Router.Disaggregation;
using LlmdAspire.Router.Endpoints;
using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Picker;
using LlmdAspire.Router.Requests;
using LlmdAspire.Router.Routing;
using LlmdAspire.Router.Workers;
using LlmdAspire.ServiceDefaults;
using Yarp.ReverseProxy.Forwarder;

namespace LlmdAspire.Router;

/// <summary>Puts the router together.</summary>
internal static class RouterParts
{
    public static void Add(IServiceCollection services, RouterFlags flags)
    {
        var time = TimeProvider.System;
        var metrics = new RouterMetrics();
        var pool = new WorkerPool(flags.Breaker, flags.RankSizes, time, WorkerAddress.Resolve, metrics);
        var gate = new AdmissionGate(flags.Admission, time);
        var budget = new ByteBudget(flags.MaxBufferedBytes);
        metrics.Observe(pool, () => gate.Waiting, () => budget.Used);

        _ = services.AddHttpForwarder();
        _ = services.AddCors(cors => AllowOrigins(cors, flags.CorsAllowedOrigins));
        // Factories, so that the container disposes what it hands out.
        _ = services
            .AddSingleton(time)
            .AddSingleton(_ => metrics)
            .AddSingleton(_ => gate)
            .AddSingleton(pool)
            .AddSingleton(budget)
            .AddSingleton(flags.Health)
            .AddSingleton(flags.Forwarding)
            .AddSingleton(flags.Retry)
            .AddSingleton(new RequestIds(flags.RequestIdHeaders.Value))
            .AddSingleton(new BodyReader(flags.MaxPayloadSize, budget))
            .AddSingleton(flags.Policies)
            .AddSingleton(flags.Disaggregation)
            .AddSingleton(_ => CreateEngineHandler())
            .AddSingleton(provider => new HttpMessageInvoker(provider.GetRequiredService<SocketsHttpHandler>(), disposeHandler: false))
            .AddSingleton<WorkerSelector>()
            .AddSingleton<ServedModels>()
            .AddSingleton<InFlightRequests>()
            .AddSingleton<RequestJournal>()
            .AddSingleton<IEngineForwarder, YarpEngineForwarder>()
            .AddSingleton<RetryPause>()
            .AddSingleton<AttemptReport>()
            .AddSingleton<PrefillCall>()
            .AddSingleton<PrefillStage>()
            .AddSingleton<RoutePlans>()
            .AddSingleton<AttemptLoop>()
            .AddSingleton<RequestPipeline>()
            .AddSingleton<WorkerDrain>()
            .AddHostedService<HealthProber>();
        if (flags.Picker is { } picker)
        {
            _ = services.AddSingleton(picker).AddSingleton<PickerClient>();
        }
    }

    // Engines are few and near: many connections each, no proxy, nothing followed or unpacked on the way.
    private static SocketsHttpHandler CreateEngineHandler() => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        ConnectCallback = EngineConnection.OpenAsync,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(50),
        MaxConnectionsPerServer = int.MaxValue,
        ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current),
    };

    private static void AllowOrigins(Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions cors, string[] origins) =>
        cors.AddPolicy(InferenceEndpoints.CorsPolicy, policy =>
        {
            _ = policy.AllowAnyHeader().AllowAnyMethod().WithExposedHeaders("x-request-id", "x-llmd-endpoint", "retry-after");
            _ = origins is [] or ["*"] ? policy.AllowAnyOrigin() : policy.WithOrigins(origins);
        });
}
