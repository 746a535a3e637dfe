using LlmdAspire.Router.Forwarding;
using LlmdAspire.Router.Routing;

namespace LlmdAspire.Router.Sidecar;

/// <summary>Puts the sidecar together.</summary>
internal static class SidecarParts
{
    // uvicorn, vLLM's server, closes connections that were idle for 5 s; a request that meets that moment would break.
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(4);

    // Prefill pods come and go; one that is named again is as good as new.
    private static readonly TimeSpan s_forget = TimeSpan.FromMinutes(10);

    public static void Add(IServiceCollection services, SidecarFlags flags)
    {
        var engine = flags.Engine;
        var routes = new RouteReader(
            engine, flags.Port, flags.PrefillersSpeakTls ? "https" : "http", flags.AllowList, flags.EnablePrefillerSampling ? Random.Shared : null);
        _ = services
            .AddRequestPath(
                new()
                {
                    Forwarding = flags.Forwarding,
                    Retry = flags.Retry,
                    MaxPayloadBytes = flags.MaxPayloadSize,
                    MaxBufferedBytes = flags.MaxBufferedBytes,
                    ForgetLearnedAfter = s_forget,
                },
                connections: () => EngineConnection.CreateHandler(s_idle, flags.TrustsAnyEngine),
                prefills: () => EngineConnection.CreateHandler(s_idle, flags.TrustsAnyPrefiller))
            .AddSingleton(engine)
            .AddSingleton(routes)
            .AddSingleton<PassedStreams>()
            .AddScoped<IRoutePlans, HeaderPlans>()
            .AddSingleton(provider => ActivatorUtilities.CreateInstance<EngineHealth>(provider, ToEngine(provider)))
            .AddSingleton(provider => ActivatorUtilities.CreateInstance<PassThrough>(provider, ToEngine(provider), flags.Forwarding));
    }

    // The invoker of the container is that of prefill legs.
    private static HttpMessageInvoker ToEngine(IServiceProvider provider) =>
        new(provider.GetRequiredService<SocketsHttpHandler>(), disposeHandler: false);
}
